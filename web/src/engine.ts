// Asks the worker. Of a question that is asked again before it is answered only the last counts.

import type { Answer, Asked, Failure, Given, Question, Told } from "./protocol.js";

export class EngineError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

interface Waiting {
  question: Question;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export class Engine {
  #worker: Worker;
  #number = 0;
  #waiting = new Map<number, Waiting>();

  constructor(address: string) {
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => {
      const waiting = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if (!waiting) return;
      if ("failure" in data) waiting.reject(new EngineError(data.failure));
      else waiting.resolve(data.answer);
    };
    this.#worker.onerror = ({ message }) => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(message));
      this.#waiting.clear();
    };
  }

  ask<Q extends Question>(question: Q, given: Given<Q>): Promise<Answer<Q>> {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { question, resolve: (answer) => resolve(answer as Answer<Q>), reject });
      this.#worker.postMessage({ number, question, given } satisfies Asked);
    });
  }

  /** The same, of which only the answer to the last one is given: the others get `undefined`. */
  async latest<Q extends Question>(question: Q, given: Given<Q>): Promise<Answer<Q> | undefined> {
    const asked = this.ask(question, given);
    const number = this.#number;
    this.#last.set(question, number);
    try {
      const answer = await asked;
      return this.#last.get(question) === number ? answer : undefined;
    } catch (error) {
      if (this.#last.get(question) === number) throw error;
      return undefined;
    }
  }

  #last = new Map<Question, number>();
}
