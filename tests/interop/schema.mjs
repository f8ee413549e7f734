// What Ajv says of the cases in the file that is the argument: a line for each.
import {readFileSync} from "node:fs";
import {Ajv2020} from "ajv/dist/2020.js";

const ajv = new Ajv2020({strict: false});
for (const {of, schema, valid, invalid} of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const validate = ajv.compile(schema);
  console.log(JSON.stringify({of, valid: valid.map((value) => validate(value)), invalid: invalid.map((value) => validate(value))}));
}
