"""`defun`: a Python function that is traced once, and then runs as a graph.

    @tfe.defun
    def norm(x):
        print("tracing")                 # printed once for each kind of argument
        return tf.sqrt(tf.reduce_sum(x * x))

The first call goes through the Python code with symbols in place of tensors, and writes down what is done to them.
Calls like it, with tensors of the same dtypes and shapes and equal Python values, run what was written down. So all
that is Python happens at tracing time only: printing, counting, decisions by ``if``. Decisions on tensors are made by
`tf.cond` and `tf.while_loop`, which are written down themselves.
"""

from __future__ import annotations

import functools
import inspect
import logging
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from minitfe import conversion, nest
from minitfe.context import get_listeners
from minitfe.dtypes import DType
from minitfe.graph.function_graph import FunctionGraph, traced
from minitfe.graph.passes import chosen
from minitfe.graph.picture import draw
from minitfe.graph.program import Program
from minitfe.graph.text import dot_of, text_of
from minitfe.graph.traced_function import TracedFunction
from minitfe.profiling.clock import TRACING, during
from minitfe.tensor import Tensor

_log = logging.getLogger("minitfe")

MOST_TRACES = 64
"""How many traces a function keeps: the one that was not used for longest goes."""

WARN_AFTER = 8
"""At so many traces it warns, since tracing costs far more than running."""


traces_made: list[tuple[str, TracedFunction]] | None = None
"""Where this is a list, the name and graph of each new trace are added to it: ``minitfe graph`` wants to see them."""


class Function:
    """A Python function that runs as a graph; `defun` makes it.

    Attributes:
        python_function: the function itself.
        passes: the names of the passes that its graphs go through.
    """

    def __init__(self, python_function: Callable[..., Any], passes: Sequence[str] | None = None) -> None:
        functools.update_wrapper(self, python_function)
        self.name = getattr(python_function, "__name__", type(python_function).__name__)
        self.python_function = python_function
        self.passes = chosen(passes)
        self.signature = inspect.signature(python_function)
        self.traces: OrderedDict[Hashable, TracedFunction] = OrderedDict()
        # A trace, its key, and the order in which it wants its arguments, by what is quickly seen of these.
        self._seen: dict[Hashable, tuple[Hashable, TracedFunction, list[int]]] = {}
        self._arguments: list[dict[str, Any]] = []
        self._bound: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the graph that belongs to such arguments; inside of another trace, becomes part of that."""
        if get_listeners().interpreter is not None:
            return self.python_function(*args, **kwargs)
        seen = None if kwargs else _quickly_seen(args)
        if seen in self._seen:
            key, function, order = self._seen[seen]
            self.traces.move_to_end(key)
            return function.graph.pack(function.call([args[i] for i in order]))
        arguments = self._canonical(args, kwargs)
        function = self._traced_for(arguments)
        inputs = [leaf for leaf in nest.flatten(arguments) if isinstance(leaf, Tensor)]
        if seen is not None and len(set(args)) == len(inputs):
            self._seen[seen] = next(reversed(self.traces)), function, [args.index(x) for x in inputs]
        return function.graph.pack(function.call(inputs))

    def __get__(self, instance: Any, owner: Any = None) -> Function:
        """As a method: each object has traces of its own, which end with it."""
        if instance is None:
            return self
        if instance not in self._bound:
            self._bound[instance] = Function(_bound_weakly(self.python_function, instance), self.passes)
        return self._bound[instance]

    def graph_text(self, *args: Any, passes: bool = False, **kwargs: Any) -> str:
        """Returns what was traced, an operation to a line: for such arguments, or else in the last call.

        Args:
            passes: whether to show what is left of it after the passes.

        >>> @tfe.defun
        ... def f(x):
        ...     return tf.identity(x) * x + 1.0
        >>> float(f(tf.constant(3.0)))
        10.0
        >>> print(f.graph_text())
        inputs: %0 float32 ()
        %1 = identity(%0)  float32 ()
        %2 = multiply(%1, %0)  float32 ()
        %3 = add(%2, 1.0)  float32 ()
        returns: %3
        >>> print(f.graph_text(passes=True))
        inputs: %0 float32 ()
        %1 = multiply(%0, %0)  float32 ()
        %2 = add(%1, 1.0)  float32 ()
        returns: %2
        """
        return text_of(self._program(args, kwargs, passes))

    def graph_dot(self, *args: Any, passes: bool = False, **kwargs: Any) -> str:
        """Returns the same in the language of Graphviz: ``dot -Tsvg`` draws it."""
        return dot_of(self._program(args, kwargs, passes))

    def draw_graph(self, axes: Any, *args: Any, passes: bool = False, **kwargs: Any) -> None:
        """Draws the same on matplotlib's axes, for which Graphviz is not needed."""
        draw(self._program(args, kwargs, passes), axes)

    def plan_source(self, *args: Any, **kwargs: Any) -> str:
        """Returns the Python source that runs on the CPU, for such arguments, or else as in the last call."""
        return self._trace_shown(args, kwargs).plan().source

    def _program(self, args: Any, kwargs: Any, passes: bool) -> Program:
        function = self._trace_shown(args, kwargs)
        return function.program() if passes else function.traced_program()

    def _trace_shown(self, args: Any, kwargs: Any) -> TracedFunction:
        if args or kwargs or not self.traces:
            return self._traced_for(self._canonical(args, kwargs))
        return next(reversed(self.traces.values()))

    # ---------------------------------------------------------------------------------------------------- tracing

    def _canonical(self, args: Any, kwargs: Any) -> dict[str, Any]:
        """The arguments by name, defaults among them; numpy arrays as tensors."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return nest.map_structure(_as_tensor, dict(bound.arguments))  # type: ignore[no-any-return]

    def _traced_for(self, arguments: dict[str, Any]) -> TracedFunction:
        key = (_form(arguments), *map(_kind, nest.flatten(arguments)))
        found = self.traces.get(key)
        if found is None:
            found = self.traces[key] = TracedFunction(self._trace(arguments), self.passes, self.name)
            self._note(arguments)
            if traces_made is not None:
                traces_made.append((self.name, found))
        self.traces.move_to_end(key)
        return found

    def _trace(self, arguments: dict[str, Any]) -> FunctionGraph:
        with during(TRACING, self.name):
            return traced(functools.partial(_call_by_name, self.python_function, self.signature), (arguments,), {})

    def _note(self, arguments: dict[str, Any]) -> None:
        """Keeps the number of traces within bounds, and says which argument makes it grow."""
        self._arguments.append(
            {name: [_kind(leaf) for leaf in nest.flatten(value)] for name, value in arguments.items()}
        )
        if len(self._arguments) == WARN_AFTER:
            _log.warning(
                "%s was traced %d times: %s. Tracing is far slower than running; pass numbers that vary as tensors, and"
                " tensors of few different shapes.",
                self.name, len(self._arguments), self._what_changed(),
            )  # fmt: skip
        if len(self.traces) > MOST_TRACES:
            self.traces.popitem(last=False)
            self._seen.clear()

    def _what_changed(self) -> str:
        names = [name for name in self._arguments[0] if len({repr(a.get(name)) for a in self._arguments}) > 2]
        return (
            f"its argument {' and '.join(map(repr, names))} kept changing" if names else "its arguments kept changing"
        )


def _bound_weakly(function: Callable[..., Any], instance: Any) -> Callable[..., Any]:
    """A method that does not keep its object alive: the object's traces are kept by the class."""
    reference = weakref.ref(instance)

    @functools.wraps(function)
    def method(*args: Any, **kwargs: Any) -> Any:
        return function(reference(), *args, **kwargs)

    del method.__wrapped__  # its signature has one parameter more
    parameters = list(inspect.signature(function).parameters.values())[1:]
    method.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return method


def _call_by_name(function: Callable[..., Any], signature: inspect.Signature, arguments: dict[str, Any]) -> Any:
    bound = inspect.BoundArguments(signature, arguments)
    return function(*bound.args, **bound.kwargs)


def _as_tensor(leaf: Any) -> Any:
    return conversion.convert_to_tensor(leaf) if isinstance(leaf, (np.ndarray, np.generic)) else leaf


def _quickly_seen(args: Any) -> Hashable:
    """Dtypes and shapes of arguments that are all tensors; None for others."""
    seen: list[Hashable] = []
    for x in args:
        if type(x) is not Tensor:
            return None
        seen += x.array.dtype.num, x.array.shape
    return tuple(seen)


def _kind(leaf: Any) -> Hashable:
    """What must be equal for a trace to serve again."""
    if isinstance(leaf, Tensor):
        return Tensor, leaf.dtype.name, leaf.extents
    if isinstance(leaf, (bool, int, float, complex, str, bytes, type(None), DType)):
        return type(leaf), repr(leaf)  # 1 == 1.0 == True, but they do not do the same
    return Identity(leaf)


class Identity:
    """A key that equals itself for one and the same object, and nothing once that is gone."""

    def __init__(self, thing: Any) -> None:
        try:
            self.reference: Callable[[], Any] = weakref.ref(thing)
        except TypeError:  # some types cannot be referred to weakly
            self.reference = lambda: thing
        self.number = id(thing)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Identity) and self.reference() is not None and self.reference() is other.reference()

    def __repr__(self) -> str:
        return f"object {self.number}"


def _form(structure: Any) -> Hashable:
    """How a structure is nested."""
    if isinstance(structure, dict):
        return dict, tuple((key, _form(structure[key])) for key in sorted(structure))
    if isinstance(structure, (list, tuple)):
        return type(structure), tuple(map(_form, structure))
    return None


def defun(func: Callable[..., Any] | None = None, *, passes: Sequence[str] | None = None) -> Any:
    """Makes a Python function run as a graph.

    Args:
        func: a function of tensors, variables and Python values, in nested structures; or a method. Without it, a
            decorator is returned.
        passes: the names of those in ``minitfe.graph.passes.PASSES`` that the graph shall go through before it runs;
            all, if not given. TensorFlow does not have this.

    Raises:
        ValueError: where there is no such pass.

    Returns:
        A function like it. It is traced once for each combination of dtypes and shapes of tensors and of Python values.

    >>> @tfe.defun
    ... def f(x, n):
    ...     return x ** n
    >>> float(f(tf.constant(3.0), 2))
    9.0

    TensorFlow: tf.contrib.eager.defun.
    """
    return functools.partial(Function, passes=passes) if func is None else Function(func, passes)
