/**
 * What a log does not say about mappings: which file each belongs to ({@link kemu.trace.image.FileNamer}) and what
 * execve itself maps ({@link kemu.trace.image.ImagePlacer}). Rules: docs/TRACES.md.
 */
package kemu.trace.image;
