"""The ops: public functions, each with its gradient rule directly beneath it.

Read one and you have read them all::

    @binary(accepts=dtypes.NUMBERS, tensorflow_name="Mul")
    def multiply(x, y, name=None):
        '''Multiplies x by y, element by element.'''

    @multiply.gradient(0)
    def multiply_dx(g, x, y, output):
        '''d(xy)/dx = y'''
        return multiply(g, y)

The public function says what the op is called, takes and returns. The rule is one partial derivative: its docstring is
its equation and its body is ops. Broadcasting is no concern of a rule: the walker sums it back, once, for all ops.
The kernels, one per kernel package, stand under the same name in ``kernels/``.
"""
