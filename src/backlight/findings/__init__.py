"""Notice: what a careful person would see in a trace or a comparison, with the numbers that show it."""

from backlight.findings.notice import notice

__all__ = ["notice"]
