"""What waits for a slow client."""

import asyncio

from einthoven.serve.stream.outbox import Outbox


def test_only_the_newest_answer_waits() -> None:
    async def run() -> None:
        outbox = Outbox()
        for k in range(1000):
            outbox.put(f"sample {k}")
            outbox.put_answer(f"answer {k}")
        assert await outbox.take() == [*(f"sample {k}" for k in range(968, 1000)), "answer 999"]
        taking = asyncio.create_task(outbox.take())
        await asyncio.sleep(0)
        assert not taking.done()
        outbox.put_answer("more")
        outbox.close("the end")
        assert await taking == ["more", "the end"]
        assert await outbox.take() == []

    asyncio.run(run())
