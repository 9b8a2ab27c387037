"""Programs in torch for `hard_to_see`: modules one by one, in one call, in a list; functions of weights and biases."""

MODULE = """
import torch, torch.nn as nn
class XOR(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 3)
        self.fc2 = nn.Linear(3, 1)
    def forward(self, x):
        x = torch.sigmoid(self.fc1(x))
        return torch.sigmoid(self.fc2(x))
torch.manual_seed(1)
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = torch.tensor([[0.], [1.], [1.], [0.]])
model = XOR()
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(X), Y)
    loss.backward()
    optimizer.step()
"""
SEQUENTIAL = """
import torch
from torch import nn, optim
torch.manual_seed(7)
x = torch.tensor([[-1.0], [-0.6], [-0.2], [0.2], [0.6], [1.0]])
y = x.pow(2)
net = nn.Sequential(nn.Linear(1, 6), nn.Tanh(), nn.Linear(6, 1))
loss_fn = nn.MSELoss()
opt = optim.SGD(net.parameters(), lr=0.1)
for t in range(60):
    y_pred = net(x)
    loss = loss_fn(y_pred, y)
    net.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
"""
FUNCTIONS = """
import torch
import torch.nn.functional as F
torch.manual_seed(3)
X = torch.tensor([[5.1,3.5,1.4,0.2],[4.9,3.0,1.4,0.2],[7.0,3.2,4.7,1.4],[6.4,3.2,4.5,1.5],[6.3,3.3,6.0,2.5],[5.8,2.7,5.1,1.9]])
y = torch.tensor([0, 0, 1, 1, 2, 2])
W1 = (torch.randn(5, 4) * 0.3).requires_grad_(); b1 = torch.zeros(5).requires_grad_()
W2 = (torch.randn(3, 5) * 0.3).requires_grad_(); b2 = torch.zeros(3).requires_grad_()
params = [W1, b1, W2, b2]
for step in range(50):
    hidden = F.relu(F.linear(X, W1, b1))
    logits = F.linear(hidden, W2, b2)
    loss = F.cross_entropy(logits, y)
    grads = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for p, g in zip(params, grads):
            p.sub_(0.05 * g)
"""
MODULES = """
import torch
import torch.nn as nn
class MLP(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(dims[:-1], dims[1:]))
    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)
torch.manual_seed(5)
x = torch.tensor([[-1.0], [-0.6], [-0.2], [0.2], [0.6], [1.0]])
y = x * x
net = MLP([1, 4, 3, 1])
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(60):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
"""
