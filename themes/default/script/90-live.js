// The preview of authors: only there is anything asked of the server by itself.
if (["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) import("./live.js").then((live) => live.start(base, text)).catch(() => {});
