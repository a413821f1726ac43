// Runs one method of a model that a user wrote in TypeScript. What it is to do comes in on stdin, what it has to say goes
// out on stdout, one JSON document a line. The model's own output is caught and passed on as lines of its log.

import { z } from "npm:zod@4";

const out = Deno.stdout;
const encoder = new TextEncoder();
const say = (message) => {
  const bytes = encoder.encode(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length;) done += out.writeSync(bytes.subarray(done));
};

const lines = Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(splitLines())
  .getReader();

function splitLines() {
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop();
      parts.forEach((part) => controller.enqueue(part));
    },
  });
}

async function next() {
  const { value, done } = await lines.read();
  if (done) Deno.exit(0);
  return JSON.parse(value);
}

// Answers come in the order of the questions.
let turn = Promise.resolve();
function ask(question) {
  const answer = turn.then(async () => {
    say(question);
    const { error, ...found } = await next();
    if (error !== undefined) throw new Error(error);
    return found;
  });
  turn = answer.catch(() => {});
  return answer;
}

const shown = (parts) => parts.map((part) => typeof part === "string" ? part : Deno.inspect(part)).join(" ");
const log = (level, text) => text.split("\n").forEach((line) => say({ kind: "log", level, line }));
for (const [name, level] of [["log", "info"], ["info", "info"], ["debug", "debug"], ["warn", "warning"], ["error", "error"]]) {
  console[name] = (...parts) => log(level, shown(parts));
}

// As in a tagged template: `logger.info\`got ${count}\``, or with a text and named values.
const logger = Object.fromEntries(
  [["trace", "trace"], ["debug", "debug"], ["info", "info"], ["warn", "warning"], ["warning", "warning"], ["error", "error"], ["fatal", "fatal"]]
    .map(([name, level]) => [name, (first, ...rest) => {
      if (Array.isArray(first)) {
        return log(level, first.reduce((text, part, at) => text + shown([rest[at - 1]]) + part));
      }
      const [values = {}] = rest;
      return log(level, String(first).replace(/\{(\w+)\}/g, (all, key) => key in values ? shown([values[key]]) : all));
    }]),
);

const reason = (error) => error instanceof Error ? error.message : String(error);

// The model of this type among those that the files define; and the types that there are.
async function find(files, wanted) {
  const types = [];
  let found;
  for (const file of files) {
    let model;
    try {
      ({ model } = await import(file));
    } catch (error) {
      say({ kind: "broken", file, message: reason(error) });
      continue;
    }
    if (typeof model?.type !== "string") continue;
    types.push(model.type);
    if (model.type.toLowerCase() === wanted) found = { file, model };
  }
  return { found, types };
}

function describe({ file, model }, types) {
  const methods = Object.entries(model.methods ?? {}).map(([name, method]) => ({
    name,
    description: method.description ?? "",
    arguments: z.toJSONSchema(method.arguments ?? z.object({})),
  }));
  const globalArguments = model.globalArguments && z.toJSONSchema(model.globalArguments);
  return { kind: "model", file, type: model.type, version: model.version, globalArguments, methods, types };
}

// What comes from a command line is text, whatever it stands for.
function coerce(schema, given) {
  const out = { ...given };
  for (const [key, { kind }] of Object.entries(schema?.shape ?? {})) {
    const value = out[key];
    if (typeof value !== "string") continue;
    if (kind === "number" && value.trim() !== "" && Number.isFinite(Number(value))) out[key] = Number(value);
    if (kind === "boolean" && (value === "true" || value === "false")) out[key] = value === "true";
  }
  return out;
}

function checked(schema, given) {
  if (!schema) return given;
  const result = schema.safeParse(coerce(schema, given));
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.message} at "${issue.path.join(".")}"`);
  throw new Error(`Method arguments validation failed: ${issues.join("; ")}`);
}

function spec(kind, declared, name, type) {
  if (declared && Object.hasOwn(declared, name)) return declared[name];
  const all = Object.keys(declared ?? {}).join(", ") || "(none)";
  throw new Error(`Undeclared ${kind} spec '${name}' in model '${type}'. Declared ${kind} specs: ${all}`);
}

function checkName(caller, name, specName, type) {
  if (typeof name !== "string" || name.trim() === "") {
    throw new Error(
      `${caller}: instance name must be a non-empty string for spec '${specName}' in model '${type}', got ${typeof name}`,
    );
  }
  if (name.toLowerCase() === "latest") {
    throw new Error(`Data name '${name}' is reserved for internal use in model '${type}'. Use a different name.`);
  }
}

function context(model, type, call) {
  const write = (kind, declared, specName, name, content, overrides = {}) =>
    ask({
      kind: "write",
      type: kind,
      spec: specName,
      name,
      content,
      contentType: overrides.contentType ?? declared.contentType ?? "application/json",
      lifetime: overrides.lifetime ?? declared.lifetime ?? "infinite",
      garbageCollection: overrides.garbageCollection ?? declared.garbageCollection ?? 10,
      streaming: overrides.streaming ?? declared.streaming ?? false,
      tags: { ...declared.tags, ...overrides.tags },
    }).then(({ handle }) => handle);
  return {
    ...call.context,
    modelType: { raw: model.type, normalized: type, toString: () => type, toDirectoryPath: () => type },
    signal: new AbortController().signal,
    logger,
    writeResource: async (specName, name, data, overrides) => {
      const declared = spec("resource", model.resources, specName, type);
      const result = declared.schema?.safeParse(data);
      if (result && !result.success) logger.debug(`Resource '${specName}' (instance '${name}') does not match its schema`);
      checkName("writeResource", name, specName, type);
      return await write("resource", declared, specName, name, JSON.stringify(data), overrides);
    },
    readResource: async (name, version) => (await ask({ kind: "read", name, version })).data,
    createFileWriter: (specName, name, overrides) => {
      const declared = spec("file", model.files, specName, type);
      checkName("createFileWriter", name, specName, type);
      const text = (content) => write("file", declared, specName, name, content, overrides);
      let collected = "";
      return {
        name,
        writeText: text,
        writeAll: (bytes) => text(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
        writeLine: (line) => {
          collected += `${line}\n`;
          return Promise.resolve();
        },
        finalize: () => text(collected),
      };
    },
  };
}

const { files, type } = await next();
const { found, types } = await find(files, type);
if (!found) {
  say({ kind: "unknown", types });
  Deno.exit(0);
}
say(describe(found, types));
const call = await next();
try {
  const { model } = found;
  const method = model.methods[call.method];
  const result = await method.execute(checked(method.arguments, call.arguments), context(model, type, call));
  await turn;
  say({ kind: "done", handles: result?.dataHandles ?? [] });
} catch (error) {
  await turn;
  say({ kind: "failed", message: reason(error) });
}
Deno.exit(0);
