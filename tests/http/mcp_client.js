// The official client of the Model Context Protocol for Node.js at the shop: says as JSON what came
// of each thing that it did. It is told on standard input: {"url", "token", "dead", "product"}.

const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { ElicitRequestSchema } = require("@modelcontextprotocol/sdk/types.js");

const told = JSON.parse(require("fs").readFileSync(0, "utf8"));

async function shopping(token, does) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const transport = new StreamableHTTPClientTransport(new URL(told.url), { requestInit: { headers } });
  const client = new Client({ name: "a test", version: "1" }, { capabilities: { elicitation: {} } });
  const asked = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { confirm: true } };
  });
  await client.connect(transport);
  const call = (name, args) => client.callTool({ name, arguments: args });
  const said = await does(client, call);
  await client.close();
  return { version: transport.protocolVersion, asked, ...said };
}

// What a call that must fail fails with.
const failure = (promise) => promise.then(() => "nothing", (error) => error.code ?? error.message);
const why = (result) => (result.isError ? result.structuredContent.error.code : "nothing");

async function visitor(client, call) {
  await client.ping();
  const { tools } = await client.listTools();
  const found = await call("searchProduct", { query: "tent" });
  return {
    tools: tools.map((tool) => tool.name),
    found: found.structuredContent.products.length,
    cart: why(await call("viewCart", {})),
    unknown: await failure(call("dropTables", {})),
    prompts: await failure(client.request({ method: "prompts/list" }, { parse: (any) => any })),
  };
}

async function buyer(client, call) {
  const { tools } = await client.listTools();
  const those = (hint) => tools.filter((tool) => tool.annotations[hint]).map((tool) => tool.name);
  const product = { productId: told.product };
  const added = await call("addProductToCart", { ...product, quantity: 2 });
  return {
    reads: those("readOnlyHint"),
    destructive: those("destructiveHint"),
    added: added.structuredContent.totals.totalQuantity,
    ofSomebodyElse: why(await call("viewCart", { userId: told.product })),
    negative: why(await call("addProductToCart", { ...product, quantity: -1 })),
    tooMany: why(await call("addProductToCart", { ...product, quantity: 9999 })),
    sellers: why(await call("setStock", { ...product, onHand: 0 })),
    ordered: why(await call("placeOrder", {})),
    sure: why(await call("placeOrder", { confirm: true })),
  };
}

async function main() {
  const said = {
    visitor: await shopping(null, visitor),
    buyer: await shopping(told.token, buyer),
    dead: await failure(shopping(told.dead, visitor)),
    forged: await failure(shopping("not.a.token", visitor)),
  };
  process.stdout.write(JSON.stringify(said), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
