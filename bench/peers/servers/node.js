// Node's bare http server: streams on GET, and each POST's body to all of them.
const http = require("node:http");

const streams = new Set();
let number = 0;

function subscribe(request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.flushHeaders();
  streams.add(response);
  request.on("close", () => streams.delete(response));
}

function publish(request, response) {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    for (const data of Buffer.concat(parts).toString().split("\n")) {
      const frame = `id: ${++number}\nevent: notification\ndata: ${data}\n\n`;
      for (const stream of streams) stream.write(frame);
    }
    response.writeHead(202, { "Content-Length": 0 }).end();
  });
}

http
  .createServer((request, response) =>
    request.method === "GET" ? subscribe(request, response) : publish(request, response),
  )
  .listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
