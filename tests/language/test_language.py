"""Choosing a language, and what a user then reads."""

import sys

import pytest

import backlight as bl
from backlight import language
from backlight.cli import main
from backlight.faults import Fault
from backlight.views import recipes_table, transcript
from tests.language.speech import speaking


@pytest.mark.parametrize(
    ("locale", "name"), [("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("en_GB", "en"), ("C", "en"), ("de", "en")]
)
def test_a_locale_chooses_a_language(locale, name):
    with speaking("en"):
        language.use(locale)
        assert language.current() == name


def test_a_text_without_a_translation_stays_english():
    with speaking("zh"):
        assert language._("no such text") == "no such text"


def test_a_marked_text_is_translated_where_it_is_shown():
    text = language.marked("loss")
    assert text == "loss"
    with speaking("zh"):
        assert language._(text) == "损失"


def test_a_fault_has_chinese_words_in_front_of_its_lines_in_one_column():
    with speaking("zh"):
        text = Fault(code="R-NAME-1", sentence="s", got="g", because="b", try_this="t", where="w").text()
    assert text.splitlines()[1:] == ["  位置      w", "  实际      g", "  原因      b", "  建议      t"]


def test_the_transcript_speaks_chinese_and_keeps_the_names_of_quantities():
    with speaking("zh"):
        text = transcript(bl.run(bl.recipe("course")))
    for words in ("课程练习", "网络", "学习率 1.0", "无偏置", "迭代", "损失", "梯度", "开始时的参数", "值得注意之处"):
        assert words in text
    for name in ("2-2-2, sigmoid", "half_sum_squared_error", "dL_dw8", "w1", "o2"):
        assert name in text


def test_findings_are_told_in_the_language_of_the_reader_not_of_the_run():
    trace = bl.run(bl.recipe("course"))
    with speaking("zh"):
        chinese = trace.findings[0].text
    assert "目标 y2 = -0.07" in chinese
    assert "target y2 = -0.07" in trace.findings[0].text


def test_ready_recipes_have_chinese_titles():
    with speaking("zh"):
        assert recipes_table({"xor": "XOR: what one layer cannot learn"}) == "xor  异或：单层学不会的东西"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--help"], ["用法:", "选项", "显示这段说明并退出。"]),
        (["run", "course", "--lerning-rate", "1"], ["没有选项 --lerning-rate"]),
        (["run"], ["缺少参数"]),
        (["walk"], ["没有名为 walk 的命令"]),
        (["run", "course", "--format", "xml"], ["'xml' 不是", "之一。"]),
        (["run", "course", "extra"], ["多出了参数（extra）"]),
        (["run", "course", "--lr"], ["选项 '--lr' 需要 1 个值。"]),
    ],
)
def test_what_click_says_is_chinese_too(words, expected, capsys, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")
    for name in [name for name in sys.modules if name.startswith("backlight.cli.")]:
        monkeypatch.delitem(sys.modules, name)  # a command's help is made once, in the language of its process
    with speaking("en"), pytest.raises(SystemExit):
        main(["--lang", "zh", *words])
    said = "".join(capsys.readouterr())
    for text in expected:
        assert text in said
