"""How a graph of operations becomes a model in ONNX, the format that other programs run networks from.

A traced function and an ONNX model are the same kind of thing: a list of operations, each of which reads tensors that
stand before it. So the export goes through the operations once, and writes each as one or a few *nodes* of ONNX's.

    minitfe                                       ONNX
    input x                                 ─►    input x
    read_variable(kernel)                   ─►    initializer kernel: the value of this moment
    2.0                                     ─►    initializer constant_1
    reshape(x, shape=(-1, 784))             ─►    Reshape(x, constant_2): a setting that is an input there
    softmax(y, axis=1)                      ─►    Softmax(y, axis=1): a setting that is an attribute there
    conv2d(x, w, ...)                       ─►    Transpose, Transpose, Conv, Transpose: channels come first there

How an op is written is its *rule*, a function of the same name. It takes what a kernel takes, tensors and settings, and
calls the `Writer` as a kernel calls numpy. The rules stand in the modules `arithmetic`, `arrays`, `generate`,
`rearrange`, `indexing`, `reductions`, `products`, `windows`, `networks` and `segments`; `writer` is the pen,
`translation` goes through the operations, and `export` is what people call.
"""
