"""A client that knows this lab from docs/lpns-protocol.md alone: python3-websockets.

    LPNS_TOKEN=... python3 client.py CA.pem URL [URL...]

It holds one session, acknowledges every push, and goes to the next URL when its session breaks.
"""

import asyncio
import inspect
import json
import os
import ssl
import sys

import websockets

CA_FILE, *URLS = sys.argv[1:]
TOKEN = os.environ["LPNS_TOKEN"]
TRUST = ssl.create_default_context(cafile=CA_FILE)

# The parameter was renamed in version 14.
HEADERS = "additional_headers" if "additional_headers" in inspect.signature(websockets.connect.__init__).parameters else "extra_headers"


def tell(line):
    print(json.dumps(line), flush=True)


async def keep_alive(socket):
    seq = 0
    while True:
        seq += 1
        await socket.send(json.dumps({"v": 1, "type": "keepalive", "seq": seq, "token": TOKEN}))
        await asyncio.sleep(120)


async def session(url):
    options = {HEADERS: {"Authorization": "Bearer " + TOKEN}}
    async with websockets.connect(url, ssl=TRUST, subprotocols=["pushlab.lpns.v1"], compression=None, **options) as socket:
        keepalives = asyncio.ensure_future(keep_alive(socket))
        try:
            async for text in socket:
                frame = json.loads(text)
                tell(frame)
                if frame["type"] == "push":
                    await socket.send(json.dumps({"v": 1, "type": "ack", "id": frame["id"]}))
        finally:
            keepalives.cancel()


async def main():
    at = 0
    while True:
        try:
            await session(URLS[at % len(URLS)])
            tell({"type": "closed"})
        except (OSError, websockets.WebSocketException) as error:
            tell({"type": "failed", "text": str(error)})
        at += 1
        await asyncio.sleep(0.2)


asyncio.run(main())
