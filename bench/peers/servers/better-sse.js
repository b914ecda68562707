// better-sse: sessions in a channel, and each POST's body broadcast to it.
const http = require("node:http");
const path = require("node:path");

const home = process.env.BENCH_NODE;
const { createChannel, createSession } = require(path.join(home, "node_modules", "better-sse"));
const channel = createChannel();

async function subscribe(request, response) {
  channel.register(await createSession(request, response, { keepAlive: null }));
}

function publish(request, response) {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    for (const data of Buffer.concat(parts).toString().split("\n")) {
      channel.broadcast(JSON.parse(data), "notification");
    }
    response.writeHead(202, { "Content-Length": 0 }).end();
  });
}

http
  .createServer((request, response) =>
    request.method === "GET" ? subscribe(request, response) : publish(request, response),
  )
  .listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
