/**
 * Pictures as SVG inside a page: JFreeChart draws them, Batik writes them down. They are drawn in the colours of the
 * light theme; the style sheet of the page turns each {@link kemu.report.plot.Ink} into that of the dark one.
 *
 * <p>Entry class: {@link kemu.report.plot.Picture}. Nothing here is loaded before the first picture is drawn.
 */
package kemu.report.plot;
