/**
 * A failure told to people: the steps of a schedule with function, field and values ({@link kemu.check.story.Story}),
 * what caused it in a sentence ({@link kemu.check.story.Cause}), as a table, a picture in one HTML file, and JSON.
 *
 * <p>Entry class: {@link kemu.check.story.Story}.
 */
package kemu.check.story;
