/**
 * {@code report.html} of a run, from what its directory holds.
 *
 * <p>Entry class: {@link kemu.report.page.RunPage}.
 */
package kemu.report.page;
