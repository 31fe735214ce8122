using Cake.Core;

namespace Cake.Frosting;

/// <summary>What a task of a host is given.</summary>
public interface IFrostingContext : ICakeContext;
