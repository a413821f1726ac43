// As much of zod as the models of scenarios use: objects of texts and numbers, with defaults.

class Schema {
  constructor(kind) {
    this.kind = kind;
  }

  default(value) {
    return Object.assign(new Schema(this.kind), { fallback: value });
  }

  parse(given, path, issues) {
    const value = given === undefined ? this.fallback : given;
    if (typeof value !== this.kind) {
      const message = `Invalid input: expected ${this.kind}, received ${typeof value}`;
      issues.push({ message, path });
    }
    return value;
  }
}

class Shape extends Schema {
  constructor(shape) {
    super("object");
    this.shape = shape;
  }

  parse(given, path, issues) {
    const entries = Object.entries(this.shape);
    const parsed = entries.map(([key, schema]) => [key, schema.parse(given?.[key], [...path, key], issues)]);
    return Object.fromEntries(parsed);
  }

  safeParse(given) {
    const issues = [];
    const data = this.parse(given, [], issues);
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } };
  }
}

export const z = {
  object: (shape) => new Shape(shape),
  string: () => new Schema("string"),
  number: () => new Schema("number"),
};
