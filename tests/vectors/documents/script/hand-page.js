// https://comment.example/js
'use strict';
import { a } from "https://code.example/module.js";
const url = "https://code.example/api?x=1"; /* https://comment.example/block */
fetch(`https://code.example/${a}`).then((answer) => answer.json());
