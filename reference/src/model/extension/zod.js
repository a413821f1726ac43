// A stand-in for `npm:zod@4`, so that models run where no package registry can be reached. What it has validates as zod
// does and says what is wrong in zod's words; what it has not, it refuses by name.

const received = (value) => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isNaN(value)) return "NaN";
  return typeof value;
};

export class ZodError extends Error {
  constructor(issues) {
    super(JSON.stringify(issues, null, 2));
    this.name = "ZodError";
    this.issues = issues;
  }
}

// `check(value, issues, path)` gives the value to go on with and adds what is wrong to `issues`.
class Schema {
  constructor(check, json, more = {}) {
    this.check = check;
    this.json = json;
    this.optionalIn = false;
    this.kind = undefined;
    this.shape = undefined;
    Object.assign(this, more);
    // What zod has and this has not fails where it is called, not as "undefined is not a function".
    return new Proxy(this, {
      get(target, key, self) {
        if (key in target || typeof key === "symbol" || key === "then") {
          return Reflect.get(target, key, self);
        }
        throw unsupported(`schema.${key}`);
      },
    });
  }

  safeParse(value) {
    const issues = [];
    const data = this.check(value, issues, []);
    return issues.length === 0
      ? { success: true, data }
      : { success: false, error: new ZodError(issues) };
  }

  parse(value) {
    const result = this.safeParse(value);
    if (result.success) return result.data;
    throw result.error;
  }

  safeParseAsync(value) {
    return Promise.resolve(this.safeParse(value));
  }

  parseAsync(value) {
    return new Promise((resolve) => resolve(this.parse(value)));
  }

  // The same with more: another check behind this one, other JSON Schema.
  with(check, json) {
    return new Schema(check, json, { kind: this.kind, optionalIn: this.optionalIn, shape: this.shape });
  }

  and_(test, issue, json) {
    const check = (value, issues, path) => {
      const count = issues.length;
      const checked = this.check(value, issues, path);
      if (issues.length === count && !test(checked)) issues.push({ ...issue, path });
      return checked;
    };
    return this.with(check, () => ({ ...this.json(), ...json }));
  }

  optional() {
    const check = (value, issues, path) => value === undefined ? value : this.check(value, issues, path);
    return new Schema(check, () => this.json(), { kind: this.kind, optionalIn: true, shape: this.shape });
  }

  nullable() {
    const check = (value, issues, path) => value === null ? value : this.check(value, issues, path);
    const json = () => ({ anyOf: [this.json(), { type: "null" }] });
    return new Schema(check, json, { kind: this.kind, optionalIn: this.optionalIn });
  }

  nullish() {
    return this.nullable().optional();
  }

  default(fallback) {
    const given = () => typeof fallback === "function" ? fallback() : fallback;
    const check = (value, issues, path) => this.check(value === undefined ? given() : value, issues, path);
    return new Schema(check, () => ({ default: given(), ...this.json() }), { kind: this.kind, optionalIn: true });
  }

  describe(description) {
    // As in zod, what describes a wrapper stands in front of what it wraps.
    const json = () => this.optionalIn ? { description, ...this.json() } : { ...this.json(), description };
    return this.with(this.check, json);
  }

  meta(metadata) {
    return metadata === undefined ? undefined : this.with(this.check, () => ({ ...this.json(), ...metadata }));
  }

  refine(test, message) {
    const text = typeof message === "string" ? message : message?.message ?? "Invalid input";
    return this.and_(test, { code: "custom", message: text }, {});
  }

  transform(change) {
    const check = (value, issues, path) => {
      const count = issues.length;
      const checked = this.check(value, issues, path);
      return issues.length === count ? change(checked) : checked;
    };
    return this.with(check, this.json);
  }

  min(limit) {
    return this.bound(limit, "small", ">=", (size) => size >= limit, { number: "minimum", string: "minLength", array: "minItems" });
  }

  max(limit) {
    return this.bound(limit, "big", "<=", (size) => size <= limit, { number: "maximum", string: "maxLength", array: "maxItems" });
  }

  gt(limit) {
    return this.bound(limit, "small", ">", (size) => size > limit, { number: "exclusiveMinimum" });
  }

  lt(limit) {
    return this.bound(limit, "big", "<", (size) => size < limit, { number: "exclusiveMaximum" });
  }

  bound(limit, what, sign, fits, keywords) {
    const keyword = keywords[this.kind];
    if (!keyword) throw unsupported(`${this.kind}.min or max`);
    const unit = { string: " characters", array: " items" }[this.kind];
    const has = unit ? `to have ${sign}${limit}${unit}` : `to be ${sign}${limit}`;
    const message = `Too ${what}: expected ${this.kind} ${has}`;
    const size = (value) => this.kind === "number" ? value : value.length;
    return this.and_((value) => fits(size(value)), { code: `too_${what}`, message }, { [keyword]: limit });
  }

  positive() {
    return this.gt(0);
  }

  nonnegative() {
    return this.min(0);
  }

  nonempty() {
    return this.min(1);
  }

  int() {
    if (this.kind !== "number") throw unsupported(`${this.kind}.int`);
    const check = (value, issues, path) => {
      const count = issues.length;
      const checked = this.check(value, issues, path);
      if (issues.length === count && !Number.isSafeInteger(checked)) {
        issues.push({ code: "invalid_type", path, message: "Invalid input: expected int, received number" });
      }
      return checked;
    };
    const limits = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    return this.with(check, () => ({ ...this.json(), type: "integer", ...limits }));
  }

  regex(pattern) {
    const message = `Invalid string: must match pattern ${pattern}`;
    return this.and_((value) => pattern.test(value), { code: "invalid_format", message }, { pattern: pattern.source });
  }

  strict() {
    return object(this.shape, true);
  }

  extend(more) {
    return object({ ...this.shape, ...more });
  }
}

const unsupported = (what) =>
  new Error(`${what} is not in the reference's stand-in for zod (reference/src/model/extension/zod.js)`);

const typed = (kind, accepts, expected = kind) => () => {
  const check = (value, issues, path) => {
    if (!accepts(value)) {
      const message = `Invalid input: expected ${expected}, received ${received(value)}`;
      issues.push({ code: "invalid_type", path, message });
    }
    return value;
  };
  return new Schema(check, () => ({ type: kind }), { kind });
};

const anything = () => new Schema((value) => value, () => ({}), { kind: "any", optionalIn: true });

const literal = (wanted) => {
  const all = Array.isArray(wanted) ? wanted : [wanted];
  return oneOf(all, () => all.length === 1 ? { type: typeof all[0], const: all[0] } : { enum: all });
};

const oneOf = (values, json) => {
  const shown = values.map((value) => JSON.stringify(value)).join("|");
  const message = values.length === 1
    ? `Invalid input: expected ${shown}`
    : `Invalid option: expected one of ${shown}`;
  const check = (value, issues, path) => {
    if (!values.includes(value)) issues.push({ code: "invalid_value", values, path, message });
    return value;
  };
  return new Schema(check, json, { kind: "enum" });
};

const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const object = (shape, strict = false) => {
  const check = (value, issues, path) => {
    if (!isPlain(value)) {
      const message = `Invalid input: expected object, received ${received(value)}`;
      issues.push({ code: "invalid_type", path, message });
      return value;
    }
    const out = {};
    for (const [key, schema] of Object.entries(shape)) {
      const checked = schema.check(value[key], issues, [...path, key]);
      if (key in value || checked !== undefined) out[key] = checked;
    }
    const unknown = Object.keys(value).filter((key) => !(key in shape));
    if (strict && unknown.length > 0) {
      const keys = unknown.map((key) => JSON.stringify(key)).join(", ");
      const message = `Unrecognized key${unknown.length > 1 ? "s" : ""}: ${keys}`;
      issues.push({ code: "unrecognized_keys", path, message });
    }
    return out;
  };
  const json = () => {
    const properties = {};
    const required = [];
    for (const [key, schema] of Object.entries(shape)) {
      properties[key] = schema.json();
      if (!schema.optionalIn) required.push(key);
    }
    const found = required.length > 0 ? { required } : {};
    return { type: "object", properties, ...found, additionalProperties: false };
  };
  return new Schema(check, json, { kind: "object", shape });
};

const array = (item) => {
  const check = (value, issues, path) => {
    if (!Array.isArray(value)) {
      const message = `Invalid input: expected array, received ${received(value)}`;
      issues.push({ code: "invalid_type", path, message });
      return value;
    }
    return value.map((one, at) => item.check(one, issues, [...path, at]));
  };
  return new Schema(check, () => ({ type: "array", items: item.json() }), { kind: "array" });
};

const record = (key, item) => {
  const check = (value, issues, path) => {
    if (!isPlain(value)) {
      const message = `Invalid input: expected record, received ${received(value)}`;
      issues.push({ code: "invalid_type", path, message });
      return value;
    }
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([name, one]) => [key.check(name, issues, [...path, name]), item.check(one, issues, [...path, name])]),
    );
  };
  const json = () => ({ type: "object", propertyNames: key.json(), additionalProperties: item.json() });
  return new Schema(check, json, { kind: "record" });
};

const union = (options) => {
  const check = (value, issues, path) => {
    for (const option of options) {
      const found = [];
      const checked = option.check(value, found, path);
      if (found.length === 0) return checked;
    }
    issues.push({ code: "invalid_union", path, message: "Invalid input" });
    return value;
  };
  return new Schema(check, () => ({ anyOf: options.map((option) => option.json()) }), { kind: "union" });
};

const known = {
  string: typed("string", (value) => typeof value === "string"),
  number: typed("number", (value) => typeof value === "number" && Number.isFinite(value)),
  boolean: typed("boolean", (value) => typeof value === "boolean"),
  null: typed("null", (value) => value === null),
  any: anything,
  unknown: anything,
  object: (shape = {}) => object(shape),
  strictObject: (shape) => object(shape, true),
  array,
  record,
  union,
  literal,
  enum: (values) => {
    const all = Array.isArray(values) ? values : Object.values(values);
    return oneOf(all, () => ({ type: "string", enum: all }));
  },
  optional: (schema) => schema.optional(),
  nullable: (schema) => schema.nullable(),
  toJSONSchema: (schema) => ({ $schema: "https://json-schema.org/draft/2020-12/schema", ...schema.json() }),
  ZodError,
};

export const z = new Proxy(known, {
  get(target, key) {
    if (key in target || typeof key === "symbol") return target[key];
    throw unsupported(`z.${key}`);
  },
});

export default z;
