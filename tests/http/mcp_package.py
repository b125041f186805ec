"""The official client of the Model Context Protocol, shopping at our server.

It is told on standard input: {"url", "token", "product"}; it says as JSON what came of each thing.
Every revision that the package speaks is tried: the one without a handshake, and the latest with one.
"""

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult

TOLD = json.load(sys.stdin)


def transport(token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return streamable_http_client(TOLD["url"], http_client=httpx2.AsyncClient(headers=headers))


def asking(action, asked):
    async def answer(_context, params):
        asked.append(params.message)
        return ElicitResult(action=action, content={"confirm": True} if action == "accept" else None)

    return answer


async def visitor(mode):
    async with Client(transport(None), mode=mode) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        found = await client.call_tool("searchProduct", {"query": "tent"})
        refused = await client.call_tool("viewCart", {})
        return {
            "tools": tools,
            "found": len(found.structured_content["products"]),
            "refused": refused.structured_content["error"]["code"],
        }


async def buyer(mode):
    asked = []
    async with Client(transport(TOLD["token"]), mode=mode, elicitation_callback=asking("decline", asked)) as client:
        tools = (await client.list_tools()).tools
        destructive = [tool.name for tool in tools if tool.annotations.destructive_hint]
        reads = [tool.name for tool in tools if tool.annotations.read_only_hint]
        await client.call_tool("addProductToCart", {"productId": TOLD["product"], "quantity": 1})
        declined = await client.call_tool("placeOrder", {})
    async with Client(transport(TOLD["token"]), mode=mode, elicitation_callback=asking("accept", asked)) as client:
        ordered = await client.call_tool("placeOrder", {})
        version = client.session.protocol_version
    return {
        "version": version,
        "destructive": destructive,
        "reads": reads,
        "declined": declined.structured_content["error"]["code"],
        "asked": len(asked),
        "question": asked[0] if asked else None,
        "ordered": not ordered.is_error,
    }


async def main():
    said = {}
    for mode in ["auto", "legacy"]:
        said[mode] = {"visitor": await visitor(mode), "buyer": await buyer(mode)}
    print(json.dumps(said))


asyncio.run(main())
