/**
 * Reading values that came from outside into closed types. A reader returns the typed value or throws Malformed.
 * Fields a reader does not name are dropped, so that a newer server can add some.
 */
import { type Bytes, fromBase64url, ownBytes } from "./bytes.ts";
import { isUuid, uuidText } from "./ids.ts";

export class Malformed extends Error {
  constructor(what: string) {
    super(`malformed: ${what}`);
    this.name = "Malformed";
  }
}

export type Reader<T> = (value: unknown, name: string) => T;
export type Shape<T> = { readonly [K in keyof T]: Reader<T[K]> };

export function object<T>(shape: Shape<T>): Reader<T> {
  return (value, name) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(name);
    const fields = value as Record<string, unknown>;
    const result: Partial<T> = {};
    for (const key in shape) result[key] = shape[key](fields[key], `${name}.${key}`);
    return result as T;
  };
}

/** A list of fixed length whose places have different types. */
export function tuple<T extends readonly unknown[]>(...places: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  return (value, name) => {
    if (!Array.isArray(value) || value.length !== places.length) throw new Malformed(name);
    return places.map((read, index) => read(value[index], `${name}[${String(index)}]`)) as unknown as T;
  };
}

export function list<T>(read: Reader<T>): Reader<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw new Malformed(name);
    return value.map((item, index) => read(item, `${name}[${String(index)}]`));
  };
}

/** Absent and null both read as null. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, name) => (value === null || value === undefined ? null : read(value, name));
}

export function oneOf<const T extends string | number>(...choices: readonly T[]): Reader<T> {
  return (value, name) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Malformed(name);
    return found;
  };
}

export const text: Reader<string> = (value, name) => {
  if (typeof value !== "string") throw new Malformed(name);
  return value;
};

export const flag: Reader<boolean> = (value, name) => {
  if (typeof value !== "boolean") throw new Malformed(name);
  return value;
};

/** A whole number from 0 that JavaScript holds exactly. */
export const count: Reader<number> = (value, name) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Malformed(name);
  return value;
};

export const uuid: Reader<string> = (value, name) => {
  if (typeof value !== "string" || !isUuid(value)) throw new Malformed(name);
  return value;
};

export const bin: Reader<Bytes> = (value, name) => {
  if (!(value instanceof Uint8Array)) throw new Malformed(name);
  return ownBytes(value);
};

export function binOf(length: number): Reader<Bytes> {
  return (value, name) => {
    const data = bin(value, name);
    if (data.length !== length) throw new Malformed(name);
    return data;
  };
}

/** 16 bytes read as UUID text. */
export const uuidBin: Reader<string> = (value, name) => uuidText(binOf(16)(value, name));

/** base64url text read as bytes. */
export const base64: Reader<Bytes> = (value, name) => {
  try {
    return fromBase64url(text(value, name));
  } catch {
    throw new Malformed(name);
  }
};
