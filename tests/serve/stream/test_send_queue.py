"""What waits for a slow client."""

import asyncio

from einthoven.serve.stream.send_queue import SendQueue


def test_only_the_newest_answer_waits() -> None:
    async def run() -> None:
        queue = SendQueue()
        for k in range(1000):
            queue.put(f"sample {k}")
            queue.put_answer(f"answer {k}")
        assert await queue.take() == [*(f"sample {k}" for k in range(968, 1000)), "answer 999"]
        taking = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        assert not taking.done()
        queue.put_answer("more")
        queue.close("the end")
        assert await taking == ["more", "the end"]
        assert await queue.take() == []

    asyncio.run(run())
