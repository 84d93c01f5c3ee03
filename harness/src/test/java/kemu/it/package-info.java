/** Tests of kemu as a user starts it: the launcher, the packaged jar, real processes, signals and pipes. */
package kemu.it;
