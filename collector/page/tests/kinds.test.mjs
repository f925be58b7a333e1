// What a frame is, how its name reads, and its colour.

import assert from "node:assert/strict";
import test from "node:test";

import { KINDS, changeColour, colourOf, fullName, hash, kindOf, shortName, splitName } from "../kinds.js";

/** name, kind, full name, short name */
const NAMES = [
  ["java/lang/String.format", "jdk", "java.lang.String.format", "String.format"],
  ["sun/security/provider/SHA2.<init>", "jdk", "sun.security.provider.SHA2.<init>", "SHA2.<init>"],
  ["com/sun/proxy/$Proxy1.call", "jdk", "com.sun.proxy.$Proxy1.call", "$Proxy1.call"],
  ["com/example/OrderVerticle.processOrders", "app", "com.example.OrderVerticle.processOrders", "OrderVerticle.processOrders"],
  ["javassist/Loader.load", "app", "javassist.Loader.load", "Loader.load"],
  ["BankMix$PaymentVerticle.sha256", "app", "BankMix$PaymentVerticle.sha256", "BankMix$PaymentVerticle.sha256"],
  ["java/lang/invoke/LambdaForm$DMH.0x0000000035.newInvokeSpecial", "jdk", "java.lang.invoke.LambdaForm$DMH.0x0000000035.newInvokeSpecial", "LambdaForm$DMH.0x0000000035.newInvokeSpecial"],
  ["libjvm.so.Parse::do_call", "jvm", "libjvm.so Parse::do_call", "Parse::do_call"],
  [".sha256_implCompressMB", "jvm", "sha256_implCompressMB", "sha256_implCompressMB"],
  [".C2 Runtime new_array", "jvm", "C2 Runtime new_array", "C2 Runtime new_array"],
  ["libc.so.6.clock_gettime@@GLIBC_2.17", "native", "libc.so.6 clock_gettime@@GLIBC_2.17", "clock_gettime@@GLIBC_2.17"],
  ["vdso.__vdso_clock_gettime", "native", "vdso __vdso_clock_gettime", "__vdso_clock_gettime"],
  ["java.main", "native", "java main", "main"],
  ["[kernel].do_syscall_64", "kernel", "[kernel] do_syscall_64", "do_syscall_64"],
  ["[thread].GC Thread#", "thread", "[thread] GC Thread#", "GC Thread#"],
  ["[thread].pool-1.worker/2", "thread", "[thread] pool-1.worker/2", "pool-1.worker/2"],
  ["[pyrite].walk failed: ticks_no_Java_frame", "pyrite", "[pyrite] walk failed: ticks_no_Java_frame", "walk failed: ticks_no_Java_frame"],
  ["other", "other", "other", "other"],
  ["total", "other", "total", "total"],
];

test("every kind of name is told apart and read well", () => {
  for (const [name, kind, full, short] of NAMES) {
    assert.equal(kindOf(name), kind, name);
    assert.equal(fullName(name), full, name);
    assert.equal(shortName(name), short, name);
  }
});

test("hostile names are only names", () => {
  for (const name of ["", ".", "..", "<img src=x onerror=alert(1)>", "a/b", "constructor", "__proto__", "toString.toString"]) {
    assert.ok(kindOf(name) in KINDS, name);
    assert.equal(typeof fullName(name), "string");
    assert.match(colourOf(name), /^hsl\(/);
  }
  assert.deepEqual(splitName("__proto__.x"), { type: "__proto__", method: "x" });
});

test("one package has one hue, and the same name has the same colour", () => {
  const hue = (name) => colourOf(name).match(/^hsl\((\d+)/)[1];
  assert.equal(hue("com/example/pay/A.x"), hue("com/example/pay/B.y"));
  assert.notEqual(hue("com/example/pay/A.x"), hue("org/other/thing/A.x"));
  assert.equal(colourOf("com/example/A.x"), colourOf("com/example/A.x"));
  assert.notEqual(colourOf("com/example/A.x"), colourOf("com/example/A.x", { dark: true }));
});

test("a search dims what it did not find", () => {
  const saturation = (colour) => Number(colour.match(/ (\d+)% /)[1]);
  assert.ok(saturation(colourOf("a/B.c", { dim: true })) < saturation(colourOf("a/B.c")) / 3);
  assert.ok(saturation(colourOf("a/B.c", { lit: true })) > saturation(colourOf("a/B.c")));
});

test("more is red, less is green, the same is grey", () => {
  assert.match(changeColour(1), /^hsl\(6 82%/);
  assert.match(changeColour(-1), /^hsl\(145 48%/);
  assert.match(changeColour(0), / 0% /);
  assert.equal(changeColour(5), changeColour(1));
});

test("the hash is FNV-1a", () => {
  assert.equal(hash(""), 0x811c9dc5);
  assert.equal(hash("a"), 0xe40c292c);
  assert.equal(hash("foobar"), 0xbf9cf968);
});
