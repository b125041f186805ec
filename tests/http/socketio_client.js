// The official client of Socket.IO at the shop: says as JSON what came of each thing that it did.
// It is told on standard input: {"url", "token"}.

const { io } = require("socket.io-client");

const told = JSON.parse(require("fs").readFileSync(0, "utf8"));
const cookie = { cookie: `token=${told.token}` };

function refused(options) {
  return new Promise((done) => {
    const socket = io(told.url, { reconnection: false, forceNew: true, ...options });
    socket.on("connect", () => done("let in"));
    socket.on("connect_error", (error) => {
      socket.close();
      done(error.message);
    });
  });
}

// Says hello, after the client has gone over to a socket if it will, and leaves.
function greeted(options, upgrades) {
  return new Promise((done, fail) => {
    const socket = io(told.url, { reconnection: false, forceNew: true, ...options });
    const heard = { statuses: [] };
    const hello = () => socket.emit("message", "hello", () => (heard.acknowledged = true));
    socket.on("connect_error", fail);
    socket.on("connect", () => {
      if (!upgrades) return hello();
      const engine = socket.io.engine;
      if (engine.transport.name === "websocket") return hello();
      engine.once("upgrade", hello);
    });
    socket.on("error", (error) => fail(new Error(error)));
    socket.on("message", (text) => (heard.message = text));
    socket.on("status", (text, status) => {
      heard.statuses.push(status);
      if (status !== "ready" || heard.message === undefined) return;
      heard.transport = socket.io.engine.transport.name;
      socket.on("disconnect", () => done(heard));
      socket.disconnect();
    });
  });
}

async function main() {
  const socket = { transports: ["websocket"] };
  const other = { path: "/api/socket/socket.io" };
  const said = {
    usual: await greeted({ auth: { token: told.token } }, true),
    polling: await greeted({ transports: ["polling"], extraHeaders: cookie }, false),
    socket: await greeted({ ...socket, ...other, extraHeaders: cookie }, false),
    other: await greeted({ ...other, extraHeaders: cookie }, true),
    nobody: await refused({}),
    forged: await refused({ auth: { token: "not.a.token" } }),
    nobody_by_socket: await refused(socket),
    forged_by_socket: await refused({ ...socket, extraHeaders: { cookie: "token=not.a.token" } }),
  };
  process.stdout.write(JSON.stringify(said), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
