/** The few commands of W3C WebDriver that the tests need. Errors are the driver's own words. */
export class Session {
  private constructor(
    private readonly address: string,
    readonly id: string,
  ) {}

  /** Starts a browser through the driver that listens at `address` (http://…). */
  static async start(address: string, capabilities: object): Promise<Session> {
    const made = await command(`${address}/session`, "POST", { capabilities: { alwaysMatch: capabilities } });
    return new Session(address, (made as { sessionId: string }).sessionId);
  }

  get(path: string): Promise<unknown> {
    return command(`${this.address}/session/${this.id}${path}`, "GET");
  }

  post(path: string, body: object = {}): Promise<unknown> {
    return command(`${this.address}/session/${this.id}${path}`, "POST", body);
  }

  delete(path = ""): Promise<unknown> {
    return command(`${this.address}/session/${this.id}${path}`, "DELETE");
  }

  /** Evaluates an expression, waits for its promise, and gives its JSON value (undefined as null). */
  async evaluate(expression: string): Promise<unknown> {
    const script = `
      const done = arguments[0];
      Promise.resolve().then(() => (${expression})).then(
        (value) => done({ json: JSON.stringify(value) ?? "null" }),
        (error) => done({ error: String(error?.stack ?? error) }),
      );`;
    const answer = (await this.post("/execute/async", { script, args: [] })) as { json: string } | { error: string };
    if ("error" in answer) throw new Error(answer.error);
    return JSON.parse(answer.json);
  }
}

async function command(url: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${method} ${new URL(url).pathname.replace(/^\/session\/[^/]+/, "")}: ${error}: ${message}`);
}
