import { shortWay } from "./short_way.ts";

shortWay("chromium");
