import { lookAtScenes } from "./looking.ts";

lookAtScenes(0);
