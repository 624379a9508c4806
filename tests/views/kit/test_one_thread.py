"""Clicks that come in a thread of their own, as JupyterLab's do, are heard where the widgets were made."""

import asyncio
import threading
import time

import ipywidgets as widgets

from actspec_widgets.views.kit.job import Job
from actspec_widgets.views.kit.one_thread import listen_on_one_thread

CLICK = {"content": {"data": {"method": "custom", "content": {"event": "click"}}}, "buffers": []}


def subshell(*messages):
    """A thread with a loop, as a subshell of the kernel is, that hears messages: pairs of a widget and what it says."""

    async def hear():
        for widget, message in messages:
            widget.comm.handle_msg(message)

    thread = threading.Thread(target=lambda: asyncio.run(hear()))
    thread.start()
    return thread


def update(**state):
    return {"content": {"data": {"method": "update", "state": state, "buffer_paths": []}}, "buffers": []}


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_clicks_are_heard_on_the_loop_in_their_order():
    heard = []

    async def main():
        job = Job(on_error=print)
        job.cancel_button.on_click(lambda _: heard.append(("click", threading.current_thread())))
        job.bar.observe(lambda change: heard.append((change.new, threading.current_thread())), "value")
        subshell((job.bar, update(value=0.25)), (job.cancel_button, CLICK), (job.bar, update(value=0.75))).join()
        assert heard == []
        await until(lambda: len(heard) == 3)
        job.cancel_button.comm.handle_msg(CLICK)
        assert len(heard) == 4, "a click that comes here is heard at once"

    asyncio.run(main())
    assert [what for what, _ in heard] == [0.25, "click", 0.75, "click"]
    assert {where for _, where in heard} == {threading.main_thread()}


def test_a_cancel_from_there_does_not_overtake_the_end_of_the_work():
    def linger(change):
        if change.new and threading.current_thread() is not threading.main_thread():
            time.sleep(0.1)  # in the middle of saying "Stopping …", while the work ends

    def until_stopped(report):
        while True:
            report(0, 1)
            time.sleep(0.01)

    async def main():
        job = Job(on_error=print)
        job.cancel_button.observe(linger, "disabled")
        job.start(until_stopped, print)
        click = subshell((job.cancel_button, CLICK))
        await until(lambda: job.state == "stopped" and not click.is_alive())
        assert "Stopped" in job.status.value and "actspec-running" not in job._dom_classes

    asyncio.run(main())


def test_without_a_loop_or_after_its_end_messages_are_heard_where_they_come():
    heard = []

    async def make():
        return Job(on_error=print)

    for job in (Job(on_error=print), asyncio.run(make())):
        job.cancel_button.on_click(lambda _: heard.append(threading.current_thread()))
        there = subshell((job.cancel_button, CLICK))
        there.join()
        assert heard.pop() is there


def test_widgets_of_others_and_their_hook_are_left_alone(monkeypatch):
    made = []
    monkeypatch.setattr(widgets.Widget, "_widget_construction_callback", made.append)
    listen_on_one_thread()

    async def main():
        button = widgets.Button()
        assert "_handle_msg" not in vars(button) and button in made
        assert "_handle_msg" in vars(Job(on_error=print).cancel_button)

    asyncio.run(main())
