import minitfe.ops.operators
from minitfe.context import *
from minitfe.context import enable_eager_execution
from minitfe.autodiff.tape import GradientTape
from minitfe.conversion import constant, convert_to_tensor
from minitfe.dtypes import *
from minitfe.ops.math import *
from minitfe.ops.array import *
from minitfe.ops.reduction import *
from minitfe.variable import Variable
