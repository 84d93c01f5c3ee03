package kemu.hw.machine;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.CpuWatch;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Recorder;
import kemu.hw.cpu.Witness;
import kemu.hw.layout.StructTypes;
import kemu.hw.order.Order;
import kemu.hw.race.RaceDetector;
import kemu.hw.shadow.ShadowMemory;

/** Hands what one emulated CPU does on to the instruments attached to the machine. */
final class AttachedInstruments extends CpuWatch {
    private final int id;
    private final EmuCpu cpu;
    private final long interruptWord;
    private final RaceDetector races;
    private final ShadowMemory shadow;
    private final Witness[] witnesses;
    private final Recorder recorder;
    /** Struct that the next access is meant for. */
    private int expected;

    /**
     * Tells {@code races}, {@code shadow} and {@code recorder}, each unless null, and {@code witnesses} what
     * {@code cpu} does.
     */
    AttachedInstruments(
            EmuCpu cpu, RaceDetector races, ShadowMemory shadow, List<Witness> witnesses, Recorder recorder) {
        this.cpu = cpu;
        this.id = cpu.id();
        this.interruptWord = Area.PENDING.of(cpu.area());
        this.races = races;
        this.shadow = shadow;
        this.witnesses = witnesses.toArray(Witness[]::new);
        this.recorder = recorder;
    }

    @Override
    public void expect(int type) {
        expected = type;
    }

    @Override
    public int expected() {
        return expected;
    }

    @Override
    public void tell(int event, long object, long detail) {
        if (event == Event.FRAME_REPLACED && races != null) {
            races.frameReplaced(id, object);
        }
        for (Witness witness : witnesses) {
            witness.told(cpu, event, object, detail);
        }
        if (recorder != null) {
            recorder.told(id, event, object, detail);
        }
    }

    private void shadow(long address, int width, boolean write) {
        int type = expected;
        expected = StructTypes.NONE;
        if (recorder != null) {
            recorder.begins(id, address, width, write);
        }
        if (shadow != null) {
            shadow.access(id, address, width, write, type);
        }
    }

    @Override
    public void plainRead(long address, int width) {
        shadow(address, width, false);
        // The CPU looks at its interrupt line, a wire and not a word.
        if (races != null && address != interruptWord) {
            races.plainRead(id, address, width);
        }
    }

    @Override
    public void plainWrite(long address, int width) {
        shadow(address, width, true);
        if (races != null) {
            races.plainWrite(id, address, width);
        }
    }

    @Override
    public void plainPut(long address, int width, long value) {
        if (recorder != null) {
            recorder.wrote(id, address, width, false, value);
        }
    }

    @Override
    public void plainGot(long address, int width, long value) {
        if (recorder != null) {
            recorder.read(id, address, width, false, value);
        }
    }

    @Override
    public void changed(long address, int width, long old, long now, boolean stored) {
        if (recorder != null) {
            recorder.changed(id, address, width, old, now, stored);
        }
    }

    @Override
    public void read(long address, int width, int order, long value) {
        shadow(address, width, false);
        if (races != null) {
            races.read(id, address, width, order, value, cpu.path().loadedOld());
        }
        if (recorder != null) {
            recorder.read(id, address, width, true, value);
        }
    }

    @Override
    public void dereferenced(long address) {
        if (races != null) {
            races.dereferenced(id, address, cpu.path().loadedOld());
        }
    }

    @Override
    public void write(long address, int width, int order, long value) {
        shadow(address, width, true);
        if (races != null) {
            races.write(id, address, width, order, cpu.path().stored());
        }
        if (recorder != null) {
            recorder.wrote(id, address, width, true, value);
        }
    }

    @Override
    public void atomic(long address, int width, int order) {
        shadow(address, width, true);
        if (races != null) {
            races.rmw(id, address, width, order);
        }
    }

    @Override
    public void exchanged(long address, int width, int order, long expected, long desired, long old) {
        boolean stored = old == expected;
        if (stored) {
            atomic(address, width, order);
        } else {
            shadow(address, width, true);
            if (races != null) {
                races.read(id, address, width, Order.RELAXED, old, false);
            }
        }
        changed(address, width, old, stored ? desired : old, stored);
    }

    @Override
    public void fence(int order) {
        if (races != null) {
            races.fence(id, order);
        }
        if (recorder != null) {
            recorder.fence(id, order);
        }
    }

    @Override
    public void clears(long frame) {
        if (shadow != null) {
            shadow.frameAccess(id, frame, true);
        }
        if (races != null) {
            races.frameWrite(id, frame);
        }
        if (recorder != null) {
            recorder.filled(id, frame, Cpu.NULL);
        }
    }

    @Override
    public void copies(long to, long from) {
        if (shadow != null) {
            shadow.frameAccess(id, from, false);
            shadow.frameAccess(id, to, true);
        }
        if (races != null) {
            races.frameRead(id, from);
            races.frameWrite(id, to);
        }
        if (recorder != null) {
            recorder.filled(id, to, from);
        }
    }
}
