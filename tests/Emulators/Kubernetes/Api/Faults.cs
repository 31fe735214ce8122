namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>What goes wrong from now on. The first fault that covers a request happens.</summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _faults = [];

    public void Add(Fault fault)
    {
        lock (_gate)
            _faults.Add((fault, fault.Count));
    }

    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    internal Fault? Take(string method, string path)
    {
        lock (_gate)
        {
            var index = _faults.FindIndex(entry => entry.Left > 0 && entry.Fault.Covers(method, path));
            if (index < 0)
                return null;
            _faults[index] = (_faults[index].Fault, _faults[index].Left - 1);
            return _faults[index].Fault;
        }
    }
}
