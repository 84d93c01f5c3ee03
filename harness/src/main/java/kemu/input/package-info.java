/**
 * Bounds on what is read from files and pipes, so that an input of any size ends in a line and not in the end of the
 * heap. Entry classes: {@link kemu.input.BoundedStream} for streams, {@link kemu.input.TextFile} for small files,
 * {@link kemu.input.Decompression} for compressed ones.
 */
package kemu.input;
