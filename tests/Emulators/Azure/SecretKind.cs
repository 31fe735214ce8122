namespace Ambrosia.Emulators.Azure;

public enum SecretKind
{
    ClientSecret,
    AccessToken,
    StorageKey,
    RegistryRefreshToken,
    RegistryAccessToken,
    RegistryPassword,
    KubeconfigToken,
    Other,
}
