"""A browser without a window, told what to do through a pipe: Chrome's DevTools protocol, messages that end in a zero byte."""

import json
import os
import shlex
import shutil
import subprocess
from contextlib import contextmanager

from tests.unavailable import unavailable

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,900"]


def chromium():
    """The path of the browser; skips the test where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None) or unavailable("no Chromium is installed")


class Page:
    """A page that is open, with a keyboard."""

    def __init__(self, commands, answers):
        self.commands, self.answers = commands, answers
        self.session, self.number = None, 0
        self.requests, self.errors = [], []

    def send(self, method, **params):
        """Sends one command and returns its result; what the page loads and what fails meanwhile is noted."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while (answer := self.next_message()).get("id") != self.number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def next_message(self):
        text = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            assert byte, "the browser went away"
            text += byte
        message = json.loads(text)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(message["params"]["exceptionDetails"])
        return message

    def open(self, address):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=address)
        while self.next_message().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def count(self, selector):
        return self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).dispatchEvent(new MouseEvent('click'))")

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key)


@contextmanager
def opened(address, profile):
    """A scope with a page open in a browser of its own."""
    hers, ours = os.pipe(), os.pipe()  # each (to read from, to write to)
    browser = shlex.join([chromium(), *OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-pipe"])
    # The browser reads commands from descriptor 3 and writes answers to 4.
    command = ["bash", "-c", f"exec {browser} 3<&{hers[0]} 4>&{ours[1]}"]
    process = subprocess.Popen(command, pass_fds=(hers[0], ours[1]), stderr=subprocess.DEVNULL)
    os.close(hers[0])
    os.close(ours[1])
    try:
        with open(hers[1], "wb") as commands, open(ours[0], "rb") as answers:
            page = Page(commands, answers)
            page.open(address)
            yield page
            page.session = None
            page.send("Browser.close")
    finally:
        process.kill()
        process.wait()
