// Runs one method of a model that a user wrote in TypeScript. What it is to do comes in on stdin, what it has to say goes
// out on stdout, one JSON document a line.

const encoder = new TextEncoder();
const say = (message) => {
  const bytes = encoder.encode(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
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
  turn = turn.then(async () => {
    say(question);
    return await next();
  });
  return turn;
}

// The model of this type among those that the files define.
async function find(files, wanted) {
  for (const file of files) {
    const { model } = await import(file);
    if (model?.type === wanted) return { file, model };
  }
  throw new Error(`no model of type ${wanted}`);
}

// What comes from a command line is text, whatever it stands for.
function checked(schema, given) {
  const numbers = Object.entries(schema.shape).filter(([key, { kind }]) => kind === "number" && key in given);
  const result = schema.safeParse({ ...given, ...Object.fromEntries(numbers.map(([key]) => [key, Number(given[key])])) });
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.message} at "${issue.path.join(".")}"`);
  throw new Error(`Method arguments validation failed: ${issues.join("; ")}`);
}

function spec(kind, declared, name, type) {
  if (declared && Object.hasOwn(declared, name)) return declared[name];
  const all = Object.keys(declared ?? {}).join(", ") || "(none)";
  throw new Error(`Undeclared ${kind} spec '${name}' in model '${type}'. Declared ${kind} specs: ${all}`);
}

function context(model, call) {
  const { type } = model;
  const write = (kind, declared, specName, name, content) =>
    ask({
      kind: "write",
      type: kind,
      spec: specName,
      name,
      content,
      contentType: declared.contentType ?? "application/json",
      lifetime: declared.lifetime,
      garbageCollection: declared.garbageCollection,
      streaming: false,
      tags: {},
    }).then(({ handle }) => handle);
  return {
    ...call.context,
    writeResource: async (specName, name, data) => {
      const declared = spec("resource", model.resources, specName, type);
      return await write("resource", declared, specName, name, JSON.stringify(data));
    },
    createFileWriter: (specName, name) => {
      const declared = spec("file", model.files, specName, type);
      return { writeText: (content) => write("file", declared, specName, name, content) };
    },
  };
}

try {
  const { files, type } = await next();
  const { file, model } = await find(files, type);
  const methods = Object.keys(model.methods).map((name) => ({ name }));
  say({ kind: "model", file, version: model.version, methods });
  const call = await next();
  const method = model.methods[call.method];
  await method.execute(checked(method.arguments, call.arguments), context(model, call));
  say({ kind: "done" });
} catch (error) {
  say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}
Deno.exit(0);
