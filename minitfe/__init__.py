"""Temporary front door, replaced when the ops stand."""
import minitfe.ops.operators
from minitfe.context import *
from minitfe.context import enable_eager_execution
from minitfe.autodiff.tape import GradientTape
from minitfe.conversion import constant, convert_to_tensor
from minitfe.dtypes import *
from minitfe.ops.math import *
from minitfe.ops.array import *
from minitfe.ops.reduction import *
from minitfe.ops.indexing import *
from minitfe.ops.linalg import *
from minitfe.ops.segment import *
from minitfe.ops.sorting import *
from minitfe.ops.random import *
from minitfe.ops.complex import *
from minitfe.ops import nn, image, bitwise
from minitfe.variable import Variable, get_variable, name_scope, variable_scope
from minitfe import contrib, errors
from minitfe.autodiff.custom_gradient import custom_gradient
