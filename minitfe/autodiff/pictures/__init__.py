"""Pictures of a tape: as text, as a Graphviz graph, and as a page that steps through it.

`tell` reads a tape into a `Story`, which is all names and texts; the pictures are drawn from that.
"""

from minitfe.autodiff.pictures.dot import to_dot
from minitfe.autodiff.pictures.html import to_html, write
from minitfe.autodiff.pictures.story import Story, tell
from minitfe.autodiff.pictures.text import to_text

__all__ = ["Story", "tell", "to_dot", "to_html", "to_text", "write"]
