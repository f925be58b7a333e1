// What a frame is (application, JDK, native, ...) judged by its name, how its name reads, and its colour.
// The names are those the server renders: type, dot, method; Java types with slashes, native types as file names.

/** Every kind in the order of the legend. Hues are chosen apart from the red and green of a comparison. */
export const KINDS = {
  app: { title: "Application", about: "Java code outside the JDK: yours and your libraries'", hue: 28, saturation: 88 },
  jdk: { title: "JDK", about: "Java code of the JDK: java, javax, jdk, sun", hue: 207, saturation: 62 },
  jvm: { title: "JVM", about: "the virtual machine: garbage collector, compilers, generated stubs", hue: 158, saturation: 36 },
  native: { title: "Native", about: "native libraries", hue: 268, saturation: 48 },
  kernel: { title: "Kernel", about: "the operating system's kernel", hue: 338, saturation: 62 },
  thread: { title: "Thread", about: "thread names, used as roots", hue: 220, saturation: 14 },
  pyrite: { title: "Pyrite", about: "the profiler's notes: stacks cut, walks failed, classes unloaded", hue: 60, saturation: 22 },
  other: { title: "Other", about: "frames too small to be sent one by one", hue: 220, saturation: 4 },
};

const JDK_PACKAGE = /^(java|javax|jdk|sun|com\/sun|netscape\/javascript)\//;
const NATIVE_FILE = /^(?:.*\.so(?:\.\d+)*|vdso|\[vdso\]|\[vsyscall\]|ld-linux[^.]*|java|jspawnhelper)\./;
const BRACKETED = new Map([["[kernel]", "kernel"], ["[thread]", "thread"], ["[pyrite]", "pyrite"]]);

/** Splits a frame name into its type and method. A method has no dot in Java; a native symbol may. */
export function splitName(name) {
  for (const type of BRACKETED.keys()) {
    if (name.startsWith(`${type}.`)) return { type, method: name.slice(type.length + 1) };
  }
  const native = name.includes("/") ? null : name.match(NATIVE_FILE);
  const dot = native ? native[0].length - 1 : name.lastIndexOf(".");
  if (dot < 0) return { type: "", method: name };
  return { type: name.slice(0, dot), method: name.slice(dot + 1) };
}

/** The kind of a frame. */
export function kindOf(name) {
  if (name === "total" || name === "other") return "other";
  const { type } = splitName(name);
  if (BRACKETED.has(type)) return BRACKETED.get(type);
  if (JDK_PACKAGE.test(type)) return "jdk";
  if (type.includes("/")) return "app";
  if (NATIVE_FILE.test(`${type}.`)) return type.startsWith("libjvm.so") ? "jvm" : "native";
  // The JVM's own stubs (`.sha256_implCompress`, `.C2 Runtime new_array`) have no type.
  return type === "" && name.startsWith(".") ? "jvm" : "app";
}

/** The full name as a Java programmer writes it: `java.lang.String.format`, `libjvm.so JVM_Sleep`. */
export function fullName(name) {
  const { type, method } = splitName(name);
  if (type === "") return method;
  const kind = kindOf(name);
  const joint = kind === "app" || kind === "jdk" ? "." : " ";
  return (kind === "app" || kind === "jdk" ? type.replaceAll("/", ".") : type) + joint + method;
}

/** The name that fits into a bar: class and method without the package, or the native symbol. */
export function shortName(name) {
  const { type, method } = splitName(name);
  const kind = kindOf(name);
  if (kind !== "app" && kind !== "jdk") return method;
  const simple = type.slice(type.lastIndexOf("/") + 1);
  return simple ? `${simple}.${method}` : method;
}

/** FNV-1a, 32 bit: spreads names over hues, and identifies a path of frames in a link. */
export function hash(text, seed = 0x811c9dc5) {
  let value = seed;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** What shares a hue: the first three segments of the package, or the class where there is no package. */
function family(name) {
  const { type } = splitName(name);
  return type.split("/").slice(0, 3).join("/").replace(/\$.*$/, "");
}

/**
 * The fill of a frame. Application packages differ in hue within the warm range, everything else by kind;
 * lightness varies a little from name to name, so that neighbours can be told apart.
 * While there is a search, what it found is `lit` and everything else `dim`.
 */
export function colourOf(name, { dark = false, dim = false, lit = false } = {}) {
  const kind = kindOf(name);
  const base = KINDS[kind];
  const hue = kind === "app" ? 8 + (hash(family(name)) % 44) : base.hue;
  const spread = (hash(name) >>> 8) % 7;
  const lightness = dark ? 29 + spread * 1.3 : 73 + spread * 1.5;
  if (dim) return `hsl(${hue} ${Math.round(base.saturation / 6)}% ${dark ? 20 : 91}%)`;
  if (lit) return `hsl(${hue} ${Math.min(95, base.saturation + 20)}% ${dark ? 38 : 66}%)`;
  return `hsl(${hue} ${dark ? Math.round(base.saturation * 0.62) : base.saturation}% ${lightness.toFixed(1)}%)`;
}

/**
 * The fill of a frame in a comparison: red where its share grew, green where it shrank, grey where it stayed.
 * `change` runs from −1 (gone) over 0 to 1 (new).
 */
export function changeColour(change, { dark = false, dim = false } = {}) {
  const strength = Math.min(1, Math.abs(change));
  const hue = change > 0 ? 6 : 145;
  if (dim) return dark ? "hsl(220 4% 20%)" : "hsl(220 4% 91%)";
  if (dark) return `hsl(${hue} ${Math.round(60 * strength)}% ${Math.round(30 + 4 * strength)}%)`;
  return `hsl(${hue} ${Math.round((change > 0 ? 82 : 48) * strength)}% ${Math.round(86 - 16 * strength)}%)`;
}
