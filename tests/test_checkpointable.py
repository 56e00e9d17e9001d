"""What objects hold, under which names, and what reaches those that come late."""

import copy
import gc
import json
import weakref
from collections import OrderedDict, namedtuple

import minitfe as tf
from minitfe.checkpointable import Checkpointable, NoDependency, children, holds_state


class Thing(Checkpointable):
    """A class without an __init__ of its own, as most subclasses have none that calls ours."""


class Recorder:
    """A waiting restore that notes down what it was offered."""

    def __init__(self, values=None):
        self.offered, self.slots, self.values = [], [], values or {}

    def replaces(self, other):
        return False

    def offer(self, name, child):
        self.offered.append((name, child))

    def value(self, name):
        return self.values.get(name)

    def offer_slot(self, slot_name, variable, slot_variable):
        self.slots.append((slot_name, variable, slot_variable))


def names(thing):
    return list(children(thing))


def test_attributes_with_state_are_children_and_others_are_not():
    thing = Thing()
    thing.weight, thing.part, thing._hidden = tf.Variable(1.0), Thing(), tf.Variable(2.0)
    thing.number, thing.text, thing.tensor, thing.sizes = 3, "four", tf.constant(5.0), (6, 7)
    assert names(thing) == ["weight", "part", "_hidden"]
    assert thing.number == 3 and thing.sizes == (6, 7)


def test_containers_are_children_when_something_in_them_is():
    thing, v = Thing(), tf.Variable(1.0)
    thing.list, thing.tuple, thing.dict = [0, v], (v, [v]), {"a": {"b": v}, "c": 1}
    thing.empty, thing.numbers = [], (1, 2)
    assert names(thing) == ["list", "tuple", "dict", "empty"]
    assert names(thing.list) == ["1"] and names(thing.tuple) == ["0", "1"] and names(thing.dict["a"]) == ["b"]


def test_a_child_can_have_another_name_than_its_attribute():
    thing, v = Thing(), tf.Variable(1.0)
    assert thing._track(v, "kernel") is v
    assert children(thing) == {"kernel": v}


def test_an_attribute_takes_the_place_of_a_child_of_its_name():
    thing, old, new = Thing(), tf.Variable(1.0), tf.Variable(2.0)
    thing._track(old, "w")
    thing.w = new
    assert children(thing)["w"] is new


def test_what_is_replaced_or_deleted_is_no_child_any_more():
    thing = Thing()
    thing.a, thing.b = tf.Variable(1.0), tf.Variable(2.0)
    thing.a = 5
    del thing.b
    assert names(thing) == []


def test_a_class_can_leave_attributes_alone():
    class Optimizer(Checkpointable):
        _untracked = frozenset({"_slots"})

    optimizer, slots = Optimizer(), {}
    optimizer._slots = slots
    slots["m"] = tf.Variable(0.0)
    assert optimizer._slots is slots
    assert names(optimizer) == []


def test_an_object_can_leave_a_single_value_alone():
    thing, layers = Thing(), [Thing()]
    thing.own = Thing()
    thing.borrowed = NoDependency(layers)
    assert thing.borrowed is layers and names(thing) == ["own"]
    assert Thing()._untracked == frozenset()


# ----------------------------------------------------------------------------------------------- lists and dictionaries


def test_lists_and_dictionaries_stay_what_they_were_to_python():
    thing = Thing()
    thing.list, thing.dict = [3, 1, [2]], {"x": {"y": 1}}
    assert isinstance(thing.list, list) and isinstance(thing.dict, dict)
    assert thing.list == [3, 1, [2]] and repr(thing.list) == "[3, 1, [2]]"
    assert json.dumps([thing.list, thing.dict]) == '[[3, 1, [2]], {"x": {"y": 1}}]'
    assert [*thing.list, 4] == [3, 1, [2], 4] and thing.list[1:] == [1, [2]]
    assert copy.deepcopy(thing.list) == thing.list
    thing.list.sort(key=str)
    assert thing.list == [1, 3, [2]]


def test_subclasses_of_containers_are_left_as_they_are():
    thing, v = Thing(), tf.Variable(1.0)
    pair = namedtuple("pair", "a b")(v, 2)
    thing.pair, thing.ordered = pair, OrderedDict(k=v)
    assert thing.pair is pair and type(thing.ordered) is OrderedDict
    assert names(thing) == ["pair", "ordered"]


def test_what_is_added_to_a_list_later_is_a_child():
    thing = Thing()
    thing.list = []
    thing.list.append(Thing())
    thing.list.extend([1, Thing()])
    thing.list += [Thing()]
    thing.list.insert(0, Thing())
    thing.list[2] = Thing()
    assert names(thing.list) == ["0", "1", "2", "3", "4"]


def test_what_is_added_to_a_dictionary_later_is_a_child():
    thing = Thing()
    thing.dict = {}
    thing.dict["a"] = Thing()
    thing.dict.update(b=Thing(), c=3)
    thing.dict.setdefault("d", Thing())
    thing.dict |= {5: Thing()}
    assert thing.dict.setdefault("c", 4) == 3
    assert names(thing.dict) == ["a", "b", "d", "5"]


# ----------------------------------------------------------------------------------------------------- waiting restores


def test_a_waiting_restore_is_offered_what_comes():
    thing, restore, v, w = Thing(), Recorder(), tf.Variable(1.0), tf.Variable(2.0)
    thing._wait(restore)
    thing.v, thing.number = v, 3
    thing._track(w, "kernel")
    assert restore.offered == [("v", v), ("kernel", w)]


def test_a_waiting_restore_is_offered_what_is_put_into_containers():
    thing, restore, v = Thing(), Recorder(), tf.Variable(1.0)
    thing.list, thing.dict = [], {}
    thing.list._wait(restore)
    thing.dict._wait(restore)
    thing.list.append(v)
    thing.dict["k"] = v
    thing.dict["n"] = 1
    assert restore.offered == [("0", v), ("k", v)]


def test_the_newest_waiting_value_is_the_one_that_counts():
    thing = Thing()
    assert thing._restored_value("w") is None
    for restore in (Recorder({"w": 1, "u": 2}), Recorder({"w": 3})):
        thing._wait(restore)
    assert thing._restored_value("w") == 3 and thing._restored_value("u") == 2


def test_slots_are_offered():
    thing, restore, v, m = Thing(), Recorder(), tf.Variable(1.0), tf.Variable(0.0)
    thing._restore_slot("m", v, m)
    thing._wait(restore)
    thing._restore_slot("m", v, m)
    assert restore.slots == [("m", v, m)]


# ------------------------------------------------------------------------------------------------------------- its cost


def test_tracking_makes_no_reference_cycles():
    thing = Thing()
    thing.list, thing.part = [tf.Variable(1.0)], Thing()
    gone = weakref.ref(thing)
    gc.disable()
    try:
        del thing
        assert gone() is None
    finally:
        gc.enable()


def test_depth_counts_for_nothing():
    v = tf.Variable(1.0)
    nested = v
    for _ in range(50):
        nested = [nested]
    assert holds_state(nested)
