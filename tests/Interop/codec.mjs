// Decodes MessagePack to JSON, or encodes the values of a test, with @msgpack/msgpack: `node codec.mjs decode HEX` or `node codec.mjs encode NAME`.
import { decode, encode, ExtData } from "@msgpack/msgpack";

const [, , verb, argument] = process.argv;
const plain = (value) =>
  typeof value === "bigint" ? value.toString()
  : value instanceof Date ? value.toISOString()
  : value instanceof Uint8Array ? Buffer.from(value).toString("hex")
  : Array.isArray(value) ? value.map(plain)
  : value;

const values = {
  grown: [7, -8, 9, "note", 2],
  grownLong: [9007199254740993n, 2147483647, -1n, "naïve 🙂", 1.5, { later: ["member"] }],
  everything: ["id", true, 1, -1, -300, 300, -70000, 70000, -5000000000n, 18446744073709551615n, 1.5, 2.25, "12.5", 65,
    "0f8fad5b-d9cb-469f-a165-70867728950e", new Date("2025-12-10T09:11:00.123Z"), 739594, 600000000n, 200, "text", new Uint8Array([1, 2]),
    [1, 2, 3], ["a", "b"], [[1, 2]], [5n], [3, 4], null, null, null, null, null],
};

if (verb === "decode") console.log(JSON.stringify(plain(decode(Buffer.from(argument, "hex"), { useBigInt64: true }))));
else console.log(Buffer.from(encode(values[argument], { useBigInt64: true })).toString("hex"));
