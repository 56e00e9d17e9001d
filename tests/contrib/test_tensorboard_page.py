"""TensorBoard, opened in a browser: is the curve there, and does it have the shape of the loss?"""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

import minitfe as tf
from tests.contrib.event_files import require_tensorboard
from tests.unavailable import unavailable

summary = tf.contrib.summary

LOSSES = [10.0 - 9.0 * (step / 20) ** 0.5 for step in range(1, 21)]

# Without WebGL TensorBoard draws curves as SVG, whose points can be read. Virtual time runs as fast as the page can work.
# The small page that a container keeps in /dev/shm would not do.
BROWSER = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-webgl", "--disable-3d-apis"]
BROWSER += ["--disable-dev-shm-usage", "--virtual-time-budget=60000", "--window-size=1200,900"]


@pytest.fixture
def browser():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or unavailable("no Chromium is installed")


@pytest.fixture
def server(browser, tmp_path):
    """The address of a TensorBoard that has read a loss curve."""
    require_tensorboard()
    with summary.create_file_writer(tmp_path).as_default(), summary.always_record_summaries():
        for step, loss in enumerate(LOSSES, 1):
            summary.scalar("loss", loss, step=step)
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--logdir",
        str(tmp_path),
        "--host",
        "127.0.0.1",
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        address = next(filter(None, (re.search(r"http://\S+", line) for line in process.stderr))).group()
        wait_for_the_curve(address)
        yield address
    finally:
        process.kill()
        process.communicate()


def wait_for_the_curve(address):
    """TensorBoard reads event files while it serves already: it is asked until it knows all points."""
    deadline = time.monotonic() + 120
    points = []
    while len(points) < len(LOSSES):
        assert time.monotonic() < deadline, "TensorBoard does not find the curve"
        try:
            with urllib.request.urlopen(f"{address}data/plugin/scalars/scalars?run=.&tag=loss", timeout=30) as answer:
                points = json.load(answer)
        except urllib.error.HTTPError:
            pass  # it does not know of it yet


def page(browser, address, profile):
    command = [browser, *BROWSER, f"--user-data-dir={profile}", "--dump-dom", f"{address}#timeseries"]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=240, text=True).stdout


def curves(html):
    """The points of each curve on the page: those of SVG paths made of straight lines alone."""
    paths = re.findall(r'<path d="(M[-\d.,]+(?:L[-\d.,]+)+)"', html)
    return [np.array([point.split(",") for point in path[1:].split("L")], float) for path in paths]


def test_the_loss_curve_is_on_the_page(browser, server, tmp_path):
    html = page(browser, server, tmp_path / "profile")
    assert "loss" in html
    found = [curve for curve in curves(html) if len(curve) == len(LOSSES)]
    assert found, "no curve with as many points as were recorded"
    # Pixels grow with the step to the right and with the loss upwards, both evenly. A second, fainter curve is smoothed.
    steps = [abs(np.corrcoef(curve[:, 0], range(len(LOSSES)))[0, 1] - 1) for curve in found]
    losses = [abs(np.corrcoef(-curve[:, 1], LOSSES)[0, 1] - 1) for curve in found]
    assert max(steps) < 1e-6
    assert min(losses) < 1e-6
