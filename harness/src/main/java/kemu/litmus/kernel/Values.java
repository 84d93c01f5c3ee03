package kemu.litmus.kernel;

import kemu.litmus.ir.Operator;
import kemu.litmus.ir.Value;
import kemu.litmus.path.SharedMemory;

/** Compiles pure values. */
final class Values {
    private final SharedMemory memory;

    Values(SharedMemory memory) {
        this.memory = memory;
    }

    Code compile(Value value) {
        if (value instanceof Value.Const c) {
            long number = c.number();
            return local -> number;
        }
        if (value instanceof Value.Register register) {
            int number = register.number();
            return local -> local.registers[number];
        }
        if (value instanceof Value.Address address) {
            long where = memory.address(address.name());
            return local -> where;
        }
        if (value instanceof Value.Chosen chosen) {
            return compile(chosen.value());
        }
        Value.Binary binary = (Value.Binary) value;
        Code left = compile(binary.left());
        Code right = compile(binary.right());
        Operator operator = binary.operator();
        return switch (operator) {
            case ADD -> local -> left.run(local) + right.run(local);
            case EQ -> local -> left.run(local) == right.run(local) ? 1 : 0;
            case NE -> local -> left.run(local) != right.run(local) ? 1 : 0;
            case LAND -> local -> left.run(local) != 0 && right.run(local) != 0 ? 1 : 0;
            case LOR -> local -> left.run(local) != 0 || right.run(local) != 0 ? 1 : 0;
            default -> local -> operator.apply(left.run(local), right.run(local));
        };
    }
}
