"""Where the time goes: kernels measured as they run, in eager execution and inside of traced functions.

``clock`` measures, ``profile`` keeps count, ``tables`` and ``chrome`` show it, ``command`` is ``minitfe profile``.
"""
