namespace Ambrosia.Emulators.Kubernetes.Apply;

internal enum SchemaKind
{
    Scalar,
    Struct,
    Map,
    AtomicMap,
    AtomicList,
    KeyedList,
    Set,
}
