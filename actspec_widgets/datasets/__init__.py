"""Real digits, a recorded example, and functions whose subsets are known."""

from .example import Example, load_example
from .mnist import Mnist, binarise, load_mnist

__all__ = ["Example", "Mnist", "binarise", "load_example", "load_mnist"]
