/** Runs one thing after another, in the order asked. A failure reaches its caller and stops nobody else. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #length = 0;

  get busy(): boolean {
    return this.#length > 0;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.#length += 1;
    const result = this.#tail.then(task).finally(() => {
      this.#length -= 1;
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything asked so far is over. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
