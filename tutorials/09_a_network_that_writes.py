"""
9. A network that writes
========================

A network reads a rhyme letter by letter and learns to guess the next one. Afterwards it writes on its own: it guesses a
letter, takes that as what it read, and guesses again. For this it needs a memory, and this chapter is about networks
that have one.
"""

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf

tf.enable_eager_execution()
tf.set_random_seed(2)

# %%
# The text
# --------
# An old nursery rhyme, in which each verse repeats all those before. Its lines:

LINES = """
that lay in the house that Jack built.
the malt
that ate the malt,
the rat,
that killed the rat,
the cat,
that worried the cat,
the dog,
that tossed the dog,
the cow with the crumpled horn,
that milked the cow with the crumpled horn,
the maiden all forlorn,
that kissed the maiden all forlorn,
the man all tattered and torn,
that married the man all tattered and torn,
the priest all shaven and shorn,
that waked the priest all shaven and shorn,
the cock that crowed in the morn,
that kept the cock that crowed in the morn,
the farmer sowing his corn,
""".strip().split("\n")

verses = ["This is the house that Jack built."]
for i in range(1, len(LINES), 2):
    verses.append("\n".join([f"This is {LINES[i]}", *LINES[i - 1 :: -2]]))
text = "\n\n".join(verses) + "\n\n"
print(verses[3], "\n")

characters = sorted(set(text))
number_of = {character: number for number, character in enumerate(characters)}
encoded = np.array([number_of[character] for character in text], np.int32)
print(f"{len(verses)} verses, {len(text)} characters, of {len(characters)} kinds")

# %%
# How good can a guess be?
# ------------------------
# The measure is *bits per character*: the mean of -log₂ p, where p is the probability that was given to the character
# that came. Who knows nothing gives all characters the same probability. Who knows how frequent each is does better.
# Who also looks at the character before, better still. What more memory is worth, the network will show.


def bits(counts):
    """Mean bits per character, where each row of counts says what came how often in the same situation."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return -np.sum(counts * np.log2(np.where(counts, shares, 1))) / counts.sum()


pairs = np.zeros((len(characters), len(characters)))
np.add.at(pairs, (encoded[:-1], encoded[1:]), 1)
baselines = {
    "all alike": np.log2(len(characters)),
    "frequencies": bits(pairs.sum(axis=0, keepdims=True)),
    "one character back": bits(pairs),
}
for name, value in baselines.items():
    print(f"{name:20} {value:.2f} bits per character")

# %%
# A memory
# --------
# A recurrent network goes along the text, and at each step has an input x and a *state*, which it changes. In a *long
# short-term memory* the state has two parts, c and h. At each step three gates, numbers between 0 and 1 for each unit,
# say what happens to c: how much is forgotten (f), how much of something new (g) is written (i), and how much is shown
# (o).
#
# ::
#
#     c ← f c + i g
#     h ← o tanh c
#
# c is only multiplied by f and added to. So as long as f is close to 1, a gradient comes back through hundreds of steps
# without fading. All four are computed from x and the old h, with one matrix each. Written out, and compared with the
# layer:

lstm = tf.keras.layers.LSTM(3, recurrent_activation="sigmoid", return_sequences=True)
x = tf.random_normal([1, 5, 2])
outputs = lstm(x)

kernel, recurrent_kernel, bias = lstm.variables
h = c = tf.zeros([1, 3])
for t in range(5):
    i, f, g, o = tf.split(tf.matmul(x[:, t], kernel) + tf.matmul(h, recurrent_kernel) + bias, 4, axis=1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    h = tf.sigmoid(o) * tf.tanh(c)
print("largest difference:", float(tf.reduce_max(tf.abs(outputs[:, -1] - h))))

# %%
# The model
# ---------
# An ``Embedding`` is a table with a row of numbers for each character, the LSTM reads those rows, and a dense layer
# scores the characters that could come next. The state is handed in and out, so that the next piece of text can go on
# from there.


class Writer(tf.keras.Model):
    """Guesses the next character, for each character of some texts."""

    def __init__(self, units):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(len(characters), 16)
        self.lstm = tf.keras.layers.LSTM(units, return_sequences=True, return_state=True)
        self.scores = tf.keras.layers.Dense(len(characters))

    def call(self, numbers, state=None):
        """Returns scores [text, character, kind], and the state [h, c] after the last."""
        outputs, h, c = self.lstm(self.embedding(numbers), initial_state=state)
        return self.scores(outputs), [h, c]


# %%
# Pieces of text
# --------------
# Gradients through the whole text would be slow. So the text is read in pieces of 32 characters; the *state* goes from
# one piece to the next, the gradient does not. To learn from eight places at once, eight readers begin at different
# places and go round in circles. What each should have guessed is the text moved by one.

READERS, LENGTH = 8, 32
starts = np.arange(READERS) * len(encoded) // READERS


def piece(number):
    """The number-th piece of each reader: what it reads, and what it should guess."""
    places = starts[:, None] + number * LENGTH + np.arange(LENGTH + 1)
    numbers = encoded[places % len(encoded)]
    return numbers[:, :-1], numbers[:, 1:]


first, guesses = piece(0)
for reader in (0, 5):
    for numbers in (first, guesses):
        print(repr("".join(characters[n] for n in numbers[reader])))

# %%
# Writing
# -------
# The scores divided by a *temperature* give the probabilities from which the next character is drawn. At a low
# temperature the likeliest nearly always wins; at a high one the network is bolder, and makes more mistakes.


def write(model, beginning, count, temperature):
    """Lets a model write so many characters."""
    numbers, state, written = tf.constant([[number_of[character] for character in beginning]]), None, beginning
    for _ in range(count):
        scores, state = model(numbers, state)
        drawn = tf.multinomial(scores[:, -1] / temperature, 1, output_dtype=tf.int32)
        written += characters[int(drawn[0, 0])]
        numbers = drawn
    return written


# %%
# Learning
# --------
# The gradient of a recurrent network sometimes is very long, so it is clipped (chapter 5). Now and then the network
# writes a little.

model = Writer(80)
optimizer = tf.train.AdamOptimizer(0.01)
state, losses = None, []
for step in range(201):
    numbers, targets = piece(step)
    with tf.GradientTape() as tape:
        scores, state = model(numbers, state)
        loss = tf.losses.sparse_softmax_cross_entropy(labels=targets, logits=scores)
    gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), 1.0)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    losses.append(float(loss) / np.log(2))
    if step in (0, 10, 30, 60, 100, 200):
        print(f"step {step:3}, {losses[-1]:.2f} bits: {write(model, 'This is ', 60, 0.5)!r}")

# %%
# At first it learns which letters are frequent, then pairs and short words, then whole lines, then which line follows.

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.semilogy(losses, linewidth=0.9, label="the network")
for shade, (name, value) in zip(("0.8", "0.6", "0.4"), baselines.items()):
    axes.axhline(value, color=shade, linestyle="--", label=name)
axes.set(xlabel="step", ylabel="bits per character")
axes.legend(fontsize=8)
plt.show()

# %%
# New verses
# ----------

print(write(model, "This is the d", 330, temperature=0.7))

# %%
# Does it know the rhyme by heart? Not all lines are in the original, and some are in another order. How many are
# depends on the temperature.

for temperature in (0.3, 1.0, 1.6):
    lines = [line for line in write(model, "This is the ", 400, temperature).split("\n")[:-1] if line]
    known = np.mean([line in text.split("\n") for line in lines])
    print(f"temperature {temperature}: {len(lines)} lines, of which {known:.0%} are in the rhyme")

# %%
# With so little text it learns by heart rather than English; larger texts take longer and a larger network, and nothing
# else of this chapter would change. Try your own: put any text of some ten thousand characters in the place of the
# rhyme.
#
# Exercises
# ---------
# In ``tutorials/exercises/09_a_network_that_writes.py``:
#
# 1. ``bits_per_character``: how good is a model's guess?
# 2. ``gru``: another kind of memory, from its equations.
# 3. ``likeliest``: drawing among the best few characters only.
# 4. ``fading``: how much of a gradient is left after many steps?
