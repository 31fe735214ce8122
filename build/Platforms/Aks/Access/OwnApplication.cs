namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>An application registration that carries this deployment's mark.</summary>
/// <param name="ObjectId">Of its service principal; null where that was not made, or is gone.</param>
public sealed record OwnApplication(string AppId, string Name, string? ObjectId);
