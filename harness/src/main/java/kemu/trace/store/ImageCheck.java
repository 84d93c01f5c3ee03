package kemu.trace.store;

import java.io.IOException;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Trace;

/** Checks what execve maps: whole pages of user space, in address order, without overlap, inside their files. */
final class ImageCheck {
    /** execve fills the top pages of a stack itself. */
    private static final long SMALLEST_STACK = 2 * TraceCheck.PAGE;

    private ImageCheck() {}

    static void check(Trace trace, int index) throws IOException {
        ProcessImage image = trace.image(index);
        if (image.heapStart() >= TraceCheck.USER_END) {
            throw new IOException("image " + index + ": its heap is beyond user space");
        }
        long below = TraceCheck.PAGE;
        for (int i = 0; i < image.segments(); i++) {
            long start = image.start(i);
            long length = image.length(i);
            boolean stack = image.kind(i) == ProcessImage.STACK;
            if (!TraceCheck.range(start, length)
                    || start < below
                    || length < (stack ? SMALLEST_STACK : TraceCheck.PAGE)
                    || !TraceCheck.inFile(trace, image.file(i), image.offset(i), length)) {
                throw new IOException("image " + index + " segment " + i + " is not possible: 0x"
                        + Long.toHexString(start) + "+0x" + Long.toHexString(length));
            }
            below = start + length;
        }
    }
}
