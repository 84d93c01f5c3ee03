/**
 * Everything a person or a script reads of a run: the text report with its SUMMARY line, and its JSON twin.
 *
 * <p>Entry class: {@link kemu.report.RunReport}.
 */
package kemu.report;
